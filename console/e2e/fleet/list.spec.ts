import { startFleet } from '../processes';
import { expect, test } from './fixtures';

test('an empty server says what to do next', async ({ page }) => {
  const server = await startFleet();
  await page.goto(server.url);
  await expect(page.getByText('No deployments yet')).toBeVisible();
  await page.getByRole('link', { name: 'Create deployment' }).last().click();
  await expect(page).toHaveURL(/\/deployments\/new$/);
  await server.stop();
});

test('the list follows what happens without a reload', async ({ open, weir }) => {
  await weir.create('live-a', { labels: { team: 'data' } });
  const page = await open('/deployments');
  const row = page.getByRole('row', { name: /live-a/ });
  await expect(row.getByText('Cancelled')).toHaveCount(2);
  await weir.setState('live-a', 'RUNNING');
  await expect(row.locator('[data-state=RUNNING]')).toHaveCount(2);
  await expect(row.getByRole('cell').nth(6)).not.toHaveText('–');
  await weir.create('live-b');
  await expect(page.getByRole('row', { name: /live-b/ })).toBeVisible();
  await weir.request('DELETE', '/deployments/live-b');
  await expect(page.getByRole('row', { name: /live-b/ })).toHaveCount(0);
});

test('filter and order stand in the address', async ({ open, weir }) => {
  await weir.create('filter-a', { labels: { team: 'filters', env: 'prod' }, parallelism: 3 });
  await weir.create('filter-b', { labels: { team: 'filters' }, parallelism: 1 });
  const page = await open('/deployments?q=team:filters&sort=-parallelism');
  const names = page.locator('[role=row] a');
  await expect(names).toHaveText(['filter-a', 'filter-b']);
  await page.getByRole('button', { name: 'Parallelism' }).click();
  await expect(names).toHaveText(['filter-b', 'filter-a']);
  await page.getByRole('button', { name: 'env:prod' }).click();
  await expect(names).toHaveText(['filter-a']);
  await expect(page).toHaveURL(/q=team%3Afilters\+env%3Aprod&sort=parallelism/);
  await page.getByRole('button', { name: /^Cancelled/ }).click();
  await expect(page).toHaveURL(/state=CANCELLED/);
  await page.reload();
  await expect(names).toHaveText(['filter-a']);
  await page.getByPlaceholder('Name, or key:value of a label').fill('nobody is called this');
  await expect(page.getByText('No deployment matches')).toBeVisible();
});

test('what is not production says so in its row, and is found by it', async ({ open, weir }) => {
  await weir.create('real', { labels: { set: 'marks' } });
  await weir.create('trial', { spec: { production: false }, labels: { set: 'marks' } });
  const page = await open('/deployments?q=set:marks');
  const names = page.locator('[role=row] a');
  await expect(names).toHaveText(['real', 'trial']);
  await page.getByRole('button', { name: 'not production' }).click();
  await expect(names).toHaveText(['trial']);
  await expect(page).toHaveURL(/production%3Afalse/);
  await names.click();
  await expect(page.getByRole('main').getByText('not production')).toBeVisible();
  await page.goto(`${weir.url}/deployments?q=set:marks+production:true`);
  await expect(names).toHaveText(['real']);
});

test('several are started, suspended and cancelled at once', async ({ open, weir }) => {
  for (let number = 0; number < 6; number += 1) await weir.create(`bulk-${number}`, { labels: { set: 'bulk' } });
  const page = await open('/deployments?q=set:bulk');
  await page.getByRole('checkbox', { name: 'Select all' }).check();
  await expect(page.getByText('6 selected')).toBeVisible();
  const bar = page.getByRole('region', { name: 'Actions for the selected deployments' });
  await bar.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByText('6 deployments were asked to be Running.')).toBeVisible();
  for (let number = 0; number < 6; number += 1) await weir.until(`bulk-${number}`, 'RUNNING');
  await page.getByRole('checkbox', { name: 'Select all' }).check();
  await bar.getByRole('button', { name: 'Cancel' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('the state is lost');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.locator('[role=row] [data-state=CANCELLED]')).toHaveCount(12);
});

test('the palette reaches everything by keyboard', async ({ open, weir }) => {
  await weir.create('palette-me');
  // The list shows only the rows that fit, and there are more deployments than that.
  const page = await open('/deployments?q=palette-me');
  await expect(page.getByRole('row', { name: /palette-me/ })).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('palette');
  await expect(page.getByRole('option').first()).toContainText('palette-me');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/palette-me\/overview/);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('theme dark');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});
