import { expect, test } from './fixtures';

test('another parallelism alone rescales the job as it runs', async ({ open, weir }) => {
  await weir.create('rescaled', { state: 'RUNNING', parallelism: 1 });
  await weir.until('rescaled', 'RUNNING');
  const page = await open('/deployments/rescaled/jobs');
  const jobs = page.getByRole('button', { name: /^[0-9a-f]{8}$/ });
  const before = await jobs.textContent();
  await page.goto(page.url().replace('jobs', 'edit'));
  await page.getByLabel('Parallelism', { exact: true }).fill('2');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await expect(page.getByRole('region', { name: 'What will happen' })).toContainText('The job is rescaled in place.');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  const now = page.getByRole('region', { name: 'Now' });
  await expect(now).toContainText('2 runs, 2 is wanted');
  await expect(now).toContainText('1 to 2');
  await page.getByRole('tab', { name: 'Jobs' }).click();
  await expect(jobs).toHaveText([before ?? '']);
  await expect(page.getByRole('row').last()).toContainText('1 to 2');
});

test('an upgrade on the same cluster shows its own steps', async ({ open, weir }) => {
  await weir.create('same', { state: 'RUNNING', spec: { upgradeStrategy: { kind: 'STATEFUL', mode: 'SAME_CLUSTER' } } });
  await weir.until('same', 'RUNNING');
  const page = await open('/deployments/same/overview');
  await weir.request('PATCH', '/deployments/same', { spec: { template: { spec: { artifact: { mainArgs: '--stay-created' } } } } });
  const progress = page.getByRole('region', { name: 'Progress of the transition' });
  await expect(progress.locator('[aria-current=step]')).toContainText('All tasks running');
  await expect(progress).toContainText('Same cluster');
  await expect(progress).toContainText('Upload the jar');
  await expect(progress).not.toContainText('Start processes');
  await weir.setState('same', 'CANCELLED');
  await expect(progress).toHaveCount(0);
});

test('an upgraded revision has to prove itself, and is stable then', async ({ open, weir }) => {
  await weir.create('proved', { state: 'RUNNING' });
  await weir.until('proved', 'RUNNING');
  const page = await open('/deployments/proved/overview');
  const now = page.getByRole('region', { name: 'Now' });
  await expect(now).toContainText('1 runs, 1 is wanted');
  await expect(now.locator('[data-stable]')).toHaveCount(0);
  await weir.request('PATCH', '/deployments/proved', { spec: { template: { spec: { artifact: { mainArgs: '--topic orders-v2' } } } } });
  await expect(now).toContainText('2 runs, 2 is wanted');
  await expect(now).toContainText('not stable yet');
  await page.goto(page.url().replace('overview', 'edit'));
  await page.getByRole('button', { name: 'Advanced' }).click();
  await expect(page.getByLabel('Stable after')).toHaveAttribute('placeholder', '2m');
  await page.getByLabel('Stable after').fill('1s');
  await page.getByLabel('Stable with checkpoints').fill('0');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await expect(page.getByRole('region', { name: 'What will happen' })).toContainText('No job is touched.');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(now.locator('[data-stable=true]')).toHaveText('stable');
});

test('spare TaskManagers are given in the form and shown', async ({ open, weir }) => {
  await weir.create('spared');
  const page = await open('/deployments/spared/edit');
  await page.getByLabel('Spare TaskManagers').fill('1');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  const spare = page.getByRole('region', { name: 'Specification' }).locator('div').filter({ has: page.getByText('Spare TaskManagers', { exact: true }) });
  await expect(spare.locator('dd').first()).toContainText('1');
});

test('connectors are found from the editor, with what to write for them', async ({ open, page }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await open('/deployments/new');
  await page.getByRole('button', { name: 'Connectors' }).click();
  const drawer = page.getByRole('dialog');
  await drawer.getByLabel('Search by system, artifact or option').fill('log service');
  await expect(drawer.getByRole('row')).toHaveCount(2);
  await expect(drawer.getByRole('row').last()).toContainText('CONSUMER_GROUP');
  await drawer.getByRole('button', { name: /Copy the lines/ }).click();
  await expect(page.getByText('Copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('mainArgs: --ENDPOINT');
});
