import { expect, rewrite, test } from './fixtures';

test('a deployment is created in the form, and the YAML follows', async ({ open }) => {
  const page = await open('/deployments/new');
  const yaml = page.getByRole('textbox', { name: 'Deployment as YAML' });
  const create = page.getByRole('button', { name: 'Create', exact: true });
  await page.getByLabel('Name', { exact: true }).fill('Not A Name');
  await page.getByLabel('Jar', { exact: true }).fill('file:///srv/orders.jar');
  await expect(page.getByRole('status').filter({ hasText: 'Not valid' })).toBeVisible();
  await expect(create).toBeDisabled();
  await page.getByLabel('Name', { exact: true }).fill('made-here');
  await page.getByLabel('Parallelism', { exact: true }).fill('3');
  await expect(yaml).toContainText('parallelism: 3');
  await expect(page.getByRole('status').filter({ hasText: 'Valid' })).toBeVisible();
  await create.click();
  await expect(page.getByRole('dialog')).toContainText('spec.template.spec.parallelism');
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await expect(page).toHaveURL(/made-here\/overview/);
  await expect(page.getByRole('region', { name: 'Specification' })).toContainText('file:///srv/orders.jar');
});

test('the form follows the YAML, and comments stay', async ({ open, weir }) => {
  await weir.create('both-ways', { parallelism: 1 });
  const page = await open('/deployments/both-ways/edit');
  const yaml = page.getByRole('textbox', { name: 'Deployment as YAML' });
  await yaml.click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('# ours\n');
  const parallelism = page.getByLabel('Parallelism', { exact: true });
  await expect(parallelism).toHaveValue('1');
  await parallelism.fill('5');
  await expect(yaml).toContainText('# ours');
  await expect(yaml).toContainText('parallelism: 5');
  await page.reload();
  await expect(page.getByText(/Your unsaved changes of .* were restored/)).toBeVisible();
  await expect(yaml).toContainText('# ours');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await expect(page.getByRole('dialog').getByRole('row', { name: /spec.template.spec.parallelism − 1 \+ 5/ })).toBeVisible();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(/both-ways\/overview/);
  await page.goto(page.url().replace('overview', 'edit'));
  await expect(page.getByText(/unsaved changes/)).toHaveCount(0);
});

test('what somebody else saved meanwhile is not overwritten', async ({ open, weir }) => {
  await weir.create('contested');
  const page = await open('/deployments/contested/edit');
  await page.getByLabel('Parallelism', { exact: true }).fill('4');
  await weir.request('PATCH', '/deployments/contested', { metadata: { labels: { by: 'other' } } });
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('dialog')).toContainText('Somebody else changed it meanwhile');
});

test('broken YAML is told and cannot be saved', async ({ open }) => {
  const page = await open('/deployments/new?view=yaml');
  const yaml = page.getByRole('textbox', { name: 'Deployment as YAML' });
  await rewrite(page, yaml, 'metadata: {name: a');
  await expect(page.getByRole('status').filter({ hasText: 'Not readable' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Create', exact: true })).toBeDisabled();
  await rewrite(page, yaml, '{metadata: {name: a}, spec: {stat: RUNNING}}');
  await expect(page.locator('.cm-lintRange-warning').first()).toBeVisible();
});

test('a jar is uploaded where it is needed, and listed', async ({ open, weir }) => {
  const page = await open('/deployments/new');
  await page.getByLabel('Upload a jar').last().setInputFiles({ name: 'orders.jar', mimeType: 'application/java-archive', buffer: Buffer.from('PK\x03\x04 nothing') });
  await expect(page.getByLabel('Jar', { exact: true })).toHaveValue(/artifact.*orders\.jar/);
  await page.goto(weir.url + '/artifacts');
  await expect(page.getByRole('row', { name: /orders\.jar/ })).toBeVisible();
  await page.getByRole('button', { name: 'Delete orders.jar?' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('No artifacts yet')).toBeVisible();
});

