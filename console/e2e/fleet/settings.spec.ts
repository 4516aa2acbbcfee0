import { expect, expectAccessible, rewrite, test } from './fixtures';

test('secret values are written, replaced and deleted, never shown', async ({ open }) => {
  const page = await open('/settings/secrets');
  await expect(page.getByText('No secret values yet')).toBeVisible();
  await page.getByRole('button', { name: 'Create secret value' }).click();
  await page.getByLabel('Name').fill('kafka-password');
  await page.getByLabel('Value', { exact: true }).fill('hunter2');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('row', { name: /kafka-password/ })).toContainText('${kafka-password}');
  await expect(page.getByText('hunter2')).toHaveCount(0);
  await page.getByRole('button', { name: 'Delete kafka-password?' }).click();
  await expect(page.getByRole('dialog')).toContainText('${kafka-password}');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('No secret values yet')).toBeVisible();
});

test('deployment targets: the default stays, one in use is not deleted', async ({ open, weir }) => {
  const page = await open('/settings/targets');
  await page.getByRole('button', { name: 'Create target' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('staging');
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('row', { name: /staging/ })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Delete the target default?' })).toHaveCount(0);
  await weir.create('uses-staging', { spec: { deploymentTargetName: 'staging' } });
  await page.getByRole('button', { name: 'Delete the target staging?' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('alert')).toContainText("uses the deployment target 'staging'");
});

test('session clusters: created from YAML, changed, chosen by a deployment, deleted when nothing names them', async ({ open, weir }) => {
  const page = await open('/settings/sessions');
  await expect(page.getByText('No session clusters yet')).toBeVisible();
  await page.getByRole('button', { name: 'Create session cluster' }).click();
  const editor = page.getByRole('dialog').getByRole('textbox', { name: 'Session clusters' });
  await rewrite(page, editor, 'metadata: {}');
  await expect(page.getByRole('dialog')).toContainText('A session cluster is a map with metadata.name and spec.');
  await rewrite(page, editor, 'metadata:\n  name: shared\nspec:\n  numberOfTaskManagers: 0\n');
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('dialog')).toContainText('spec.numberOfTaskManagers');
  await rewrite(page, editor, 'metadata:\n  name: shared\nspec:\n  numberOfTaskManagers: 2\n');
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  const row = page.getByRole('row', { name: /shared/ });
  await expect(row).toContainText('Stopped');
  await expect(row).toContainText('2');
  await weir.create('in-shared', { spec: { sessionClusterName: 'shared' } });
  await page.getByRole('button', { name: 'Delete shared?' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('alert')).toContainText("runs in the session cluster 'shared'");
  await page.goto(`${weir.url}/deployments/in-shared/overview`);
  await expect(page.getByText('Session cluster', { exact: true })).toBeVisible();
});

test('the defaults of the namespace reach the form of a new deployment', async ({ open }) => {
  const page = await open('/settings/defaults');
  const editor = page.getByRole('textbox', { name: 'Of this namespace' });
  await editor.fill('template:\n  spec:\n    parallelism: 6\n');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The defaults were saved.')).toBeVisible();
  await page.getByRole('link', { name: 'Weir' }).first().click();
  await page.getByRole('link', { name: 'Create deployment' }).first().click();
  await expect(page.getByLabel('Parallelism', { exact: true })).toHaveAttribute('placeholder', '6');
  await expect(page.getByText('Empty takes 6 (deployment defaults).')).toBeVisible();
  await page.goto(page.url().replace('/deployments/new', '/settings/defaults'));
  await editor.fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The defaults were saved.')).toBeVisible();
});

test('times are in the chosen zone, with UTC beside, and the language switches at once', async ({ open, weir }) => {
  await weir.create('zoned');
  const page = await open('/settings/targets', { timeZone: 'Asia/Shanghai' });
  const time = page.locator('time').first();
  const stored = new Date((await time.getAttribute('datetime')) ?? '');
  const inShanghai = new Date(stored.getTime() + 8 * 3600_000).toISOString().slice(0, 19).replace('T', ' ');
  await expect(time).toHaveText(inShanghai);
  await expect(time).toHaveAttribute('title', /UTC$/);
  await page.getByRole('button', { name: 'Preferences' }).click();
  await page.getByText('简体中文').click();
  await expect(page.getByRole('heading', { name: '部署目标' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await page.reload();
  await expect(page.getByRole('heading', { name: '部署目标' })).toBeVisible();
});

test('the system page tells what standby clusters cost', async ({ open, page: tab }) => {
  await tab.route('**/api/v1/standby-clusters', (route) =>
    route.fulfill({
      json: {
        items: [
          { name: 'small', wanted: 2, ready: 1, memoryBytes: 2 * 1024 ** 3, cpu: 1, clusters: [], message: 'No room for another one.' },
        ],
      },
    }),
  );
  const page = await open('/system');
  const pools = page.getByRole('region', { name: 'Standby clusters' });
  await expect(pools).toContainText('1 of 2 ready');
  await expect(pools).toContainText('2 GiB of memory and 1 CPUs');
  await expect(pools).toContainText('No room for another one.');
});

test('the namespaces are those that the server names', async ({ open, page }) => {
  await open('/deployments');
  await page.getByRole('menuitem', { name: 'Namespaces' }).click();
  await expect(page).toHaveURL(/\/namespaces$/);
  await expect(page.getByRole('row', { name: /default/ })).toContainText('Active');
  await expectAccessible(page);
  await page.route('**/namespaces/v1/namespaces', (route) => route.fulfill({ json: { namespaces: [] } }));
  await page.reload();
  await expect(page.getByText('No namespaces')).toBeVisible();
  await expectAccessible(page);
});

test('the system page tells versions and interfaces', async ({ open }) => {
  const page = await open('/system');
  await expect(page.getByRole('region', { name: 'Weir' })).toContainText('0.1.0');
  await expect(page.getByRole('link', { name: 'api/openapi.json' })).toHaveAttribute('href', /api\/openapi\.json$/);
});
