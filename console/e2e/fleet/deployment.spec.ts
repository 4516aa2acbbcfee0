import { expect, expectAccessible, test } from './fixtures';

test('a deployment is started, saved, suspended and deleted', async ({ open, weir }) => {
  await weir.create('life');
  const page = await open('/deployments/life');
  await expect(page).toHaveURL(/life\/overview$/);
  const actions = page.getByRole('group', { name: 'Actions' });
  await expect(actions.getByRole('button', { name: 'Savepoint' })).toHaveAttribute('aria-disabled', 'true');
  await actions.getByRole('button', { name: 'Savepoint' }).hover();
  await expect(page.getByText('No job runs.', { exact: true })).toBeVisible();
  await actions.getByRole('button', { name: 'Start' }).click();
  await weir.until('life', 'RUNNING');
  await expect(page.locator('[data-state=RUNNING]')).toHaveCount(2);
  await actions.getByRole('button', { name: 'Savepoint' }).click();
  await page.getByRole('tab', { name: 'Savepoints' }).click();
  await expect(page.getByRole('cell', { name: /s3:\/\/fake\/savepoints/ })).toBeVisible();
  await expect(page.getByText('next start', { exact: true })).toBeVisible();
  await actions.getByRole('button', { name: 'Suspend' }).click();
  await weir.until('life', 'SUSPENDED');
  await expect(page.getByRole('cell', { name: 'suspension' })).toBeVisible();
  await page.getByRole('tab', { name: 'Events' }).click();
  await expect(page.getByText('State transition to SUSPENDED is needed.').first()).toBeVisible();
  await page.getByRole('tab', { name: 'Jobs' }).click();
  await page.getByRole('button', { name: /^[0-9a-f]{8}$/ }).click();
  await expect(page.getByRole('dialog')).toContainText('execution.checkpointing.dir');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More actions' }).first().click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete life?' });
  await expect(dialog).toContainText('the records of 2 savepoints');
  const confirm = dialog.getByRole('button', { name: 'Delete' });
  await expect(confirm).toBeDisabled();
  await dialog.getByRole('textbox').fill('life');
  await confirm.click();
  await expect(page).toHaveURL(/\/deployments$/);
});

test('a failure says why at the top, and can be started again', async ({ open, weir }) => {
  await weir.create('broken', { state: 'RUNNING', mainArgs: '--fail-in-main' });
  await weir.until('broken', 'FAILED');
  const page = await open('/deployments/broken/overview');
  await expect(page.getByRole('alert').first()).toContainText("No topic 'orders'");
  await page.getByRole('tab', { name: 'Events' }).click();
  await page.getByText('Errors', { exact: true }).click();
  await expect(page.locator('[data-level=ERROR]').first()).toBeVisible();
  await weir.request('PATCH', '/deployments/broken', { spec: { state: 'CANCELLED', template: { spec: { artifact: { mainArgs: '' } } } } });
  await weir.until('broken', 'CANCELLED');
  await weir.setState('broken', 'RUNNING');
  await weir.until('broken', 'RUNNING');
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('in Chinese our words stand over what the server says', async ({ open, weir }) => {
  await weir.create('broken-zh', { state: 'RUNNING', mainArgs: '--fail-in-main' });
  await weir.until('broken-zh', 'FAILED');
  const page = await open('/deployments/broken-zh/events', { language: 'zh-CN' });
  await expect(page.getByRole('alert').first()).toContainText('失败次数过多');
  await expect(page.getByRole('alert').first()).toContainText('Gave up after');
  const given = page.getByRole('listitem').filter({ hasText: '创建作业失败次数过多，已放弃' });
  await expect(given).toContainText('Gave up after');
  await expectAccessible(page);
  await page.goto(`${weir.url}/deployments?q=broken-zh`);
  await expect(page.getByRole('row', { name: /broken-zh/ }).getByText('创建作业失败次数过多，已放弃')).toBeVisible();
});

test('what was given up is started again with one click', async ({ open, weir }) => {
  await weir.create('again', { state: 'RUNNING', mainArgs: '--fail-in-main' });
  await weir.until('again', 'FAILED');
  const page = await open('/deployments/again/overview');
  await page.getByRole('button', { name: 'Retry' }).click();
  await expect(page.getByText('It is tried again.')).toBeVisible();
  await page.getByRole('tab', { name: 'Jobs' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'Failed' })).toHaveCount(2);
});

test('a transition shows its steps', async ({ open, weir }) => {
  await weir.create('slow', { state: 'RUNNING', mainArgs: '--stay-created' });
  const page = await open('/deployments/slow/overview');
  const progress = page.getByRole('region', { name: 'Progress of the transition' });
  await expect(progress).toContainText('Starting');
  await expect(progress.locator('[aria-current=step]')).toContainText('All tasks running');
  await expect(progress.locator('[data-status=done]')).toHaveCount(5);
  await weir.setState('slow', 'CANCELLED');
  await expect(progress).toHaveCount(0);
});

test('revisions are compared and brought back', async ({ open, weir }) => {
  await weir.create('revised', { parallelism: 1 });
  await weir.request('PATCH', '/deployments/revised', { spec: { template: { spec: { parallelism: 2 } } } });
  const page = await open('/deployments/revised/history');
  await expect(page.getByRole('row', { name: /spec.template.spec.parallelism − 1 \+ 2/ })).toBeVisible();
  await page.getByRole('button', { name: 'Bring back' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Bring back' }).click();
  await expect(page.getByText('Revision 1 is wanted again.')).toBeVisible();
  await expect(page.getByText('Revision 3').first()).toBeVisible();
});

test('a fork starts from a savepoint and names what both share', async ({ open, weir }) => {
  await weir.create('origin', { state: 'RUNNING' });
  await weir.until('origin', 'RUNNING');
  await weir.setState('origin', 'SUSPENDED');
  await weir.until('origin', 'SUSPENDED');
  const page = await open('/deployments/origin/savepoints');
  const row = page.getByRole('row').filter({ hasText: 'suspension' });
  await row.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Fork from here' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Fork' }).click();
  await expect(page.getByRole('dialog')).toContainText('fork-of-origin was created');
  await page.getByRole('dialog').getByRole('link').click();
  await expect(page.getByRole('heading', { name: 'Fork of origin' })).toBeVisible();
  await expect(page.getByText('Next start begins from')).toBeVisible();
});

test('what is not there says so', async ({ open }) => {
  const page = await open('/deployments/nobody/overview');
  await expect(page.getByRole('alert')).toContainText("Deployment 'nobody' not found");
  await expect(page.getByRole('alert')).toContainText('DeploymentNotFound');
  await page.goto(page.url().replace('/deployments/nobody/overview', '/nowhere'));
  await expect(page.getByText('There is no such page')).toBeVisible();
});
