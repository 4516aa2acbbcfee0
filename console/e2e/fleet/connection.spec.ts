import { expect, test } from './fixtures';

test('a hidden tab holds no stream, and catches up when it is shown', async ({ open, weir }) => {
  await weir.create('hidden-tab');
  const page = await open('/deployments/hidden-tab/overview');
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await expect(page.locator('[data-state=CANCELLED]').first()).toBeVisible();
  expect(await weir.metric('weir_open_feeds')).toBe(1);
  const setHidden = (hidden: boolean) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (value ? 'hidden' : 'visible') });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await setHidden(true);
  await expect(page.getByText('Paused', { exact: true })).toBeVisible();
  // The server notices a closed stream when it next writes to it.
  await weir.setState('hidden-tab', 'RUNNING');
  await weir.until('hidden-tab', 'RUNNING');
  await expect.poll(() => weir.metric('weir_open_feeds')).toBe(0);
  await expect(page.locator('[data-state=CANCELLED]').first()).toBeVisible();
  await setHidden(false);
  await expect(page.locator('[data-state=RUNNING]')).toHaveCount(2);
});

test('a dropped stream is resumed without losing a change', async ({ open, weir, page }) => {
  await weir.create('dropped');
  let cut = true;
  const streams: string[] = [];
  await page.route('**/api/v1/watch**', async (route) => {
    streams.push(route.request().url());
    if (cut) await route.abort('connectionreset');
    else await route.continue();
  });
  await open('/deployments/dropped/overview');
  await expect(page.getByRole('button', { name: 'Not connected. Retry' })).toBeVisible();
  await weir.setState('dropped', 'RUNNING');
  await weir.until('dropped', 'RUNNING');
  cut = false;
  // The next try comes by itself.
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await expect(page.locator('[data-state=RUNNING]')).toHaveCount(2);
  const resumedAt = new Set(streams.map((url) => new URL(url).searchParams.get('lastEventId')));
  expect(resumedAt.size, 'every attempt resumes at the same event').toBe(1);
});

test('a server that is away is told, and everything returns with it', async ({ open, page, weir, context }) => {
  await weir.create('away');
  await open('/deployments/away/overview');
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await expect(page.getByRole('tab', { name: 'History' })).toBeVisible();
  await context.setOffline(true);
  // The click itself may lose the tab, because the page gives way to what it says instead.
  await page.getByRole('tab', { name: 'History' }).dispatchEvent('click');
  await expect(page.getByText('The server does not answer')).toBeVisible();
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Reload' }).click();
  await expect(page.getByRole('button', { name: /Revision 1/ })).toBeVisible();
});

test('a refused list shows reason and request, and can be tried again', async ({ open, page, weir }) => {
  await weir.create('refused');
  let refuse = true;
  await page.route('**/namespaces/default/savepoints**', async (route) => {
    if (!refuse) return route.continue();
    await route.fulfill({
      status: 403,
      headers: { 'X-Request-Id': 'request-7' },
      json: { statusCode: 403, message: 'You are a viewer.', reason: 'NotAllowed', errors: [] },
    });
  });
  await open('/deployments/refused/savepoints');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('You may not see this');
  await expect(alert).toContainText('NotAllowed');
  await expect(alert).toContainText('request-7');
  refuse = false;
  await page.reload();
  await expect(page.getByText('No savepoints and no checkpoints yet')).toBeVisible();
});
