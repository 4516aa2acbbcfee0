import { expect, type Page, test } from '@playwright/test';
import { join } from 'node:path';
import { ROOT, startWeir } from '../processes';

/**
 * What a person does who has never used Weir, on real Flink and behind a path as a proxy would give it:
 * create, watch, save, change, break, find out why, go back.
 */
test('from an empty server to a repaired job', async ({ page }) => {
  const weir = await startWeir('basePath: /weir/\n');
  try {
    await page.addInitScript(() => localStorage.setItem('weir.preferences', JSON.stringify({ language: 'en', theme: 'light', timeZone: 'UTC' })));
    await page.goto(`${weir.url}/weir/`);
    await create(page, weir.directory);
    await watch(page);
    await save(page);
    await change(page, 'dev.weir.jobs.WordStream', '--rate 50', '--rate 80');
    await expectUpgraded(page);
    await breakAndRepair(page);
    await remove(page);
  } finally {
    await weir.stop();
  }
});

async function create(page: Page, directory: string): Promise<void> {
  await page.getByRole('link', { name: 'Create deployment' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('word-stream');
  await page.getByLabel('Upload a jar').last().setInputFiles(join(ROOT, 'build/jobs/weir-example-jobs.jar'));
  await expect(page.getByLabel('Jar', { exact: true })).toHaveValue(/weir-example-jobs\.jar/);
  await page.getByLabel('Entry class').fill('dev.weir.jobs.WordStream');
  await page.getByLabel('Flink version').fill('1.20');
  await page.getByLabel('Main arguments').fill(`--input ${ROOT}examples/data/apache-license-2.0.txt --output ${directory}/words --rate 50`);
  await page.getByLabel('TaskManager memory').fill('1g');
  await page.getByLabel('JobManager memory').fill('1g');
  await page.getByLabel('key of Flink').fill('execution.checkpointing.interval');
  await page.getByLabel('value', { exact: true }).last().fill('1 s');
  await page.getByRole('button', { name: 'Add', exact: true }).last().click();
  await page.getByLabel('Desired state').click();
  await page.getByTitle('Running', { exact: true }).click();
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByRole('region', { name: 'What will happen' })).toContainText('A job is started.');
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('region', { name: 'Progress of the transition' })).toBeVisible();
  await expect(page.locator('[data-state=RUNNING]')).toHaveCount(2);
}

async function watch(page: Page): Promise<void> {
  expect(new URL(page.url()).pathname).toBe('/weir/deployments/word-stream/overview');
  await page.getByRole('tab', { name: 'Job graph' }).click();
  const vertices = page.locator('.react-flow__node');
  await expect(vertices.first()).toBeVisible();
  // Fifty words in a second come out of the source.
  await expect(vertices.filter({ hasText: /out [1-9]/ }).first()).toBeVisible();
  await vertices.first().click();
  await expect(page.getByRole('dialog')).toContainText('Records out');
  await page.keyboard.press('Escape');
  await page.getByRole('tab', { name: 'Logs' }).click();
  await expect(page.getByRole('log')).toContainText(/INFO/);
  await page.getByRole('tab', { name: 'Metrics' }).click();
  await expect(page.getByRole('img', { name: 'Records per second' })).toBeVisible();
}

async function save(page: Page): Promise<void> {
  await page.getByRole('group', { name: 'Actions' }).getByRole('button', { name: 'Savepoint' }).click();
  await page.getByRole('tab', { name: 'Savepoints' }).click();
  const row = page.getByRole('row').filter({ hasText: 'asked for' });
  await expect(row.locator('[data-state=COMPLETED]')).toBeVisible();
}

/** Changes one thing in the form, and saves what the preview tells. */
async function change(page: Page, entryClass: string, from: string, to: string): Promise<void> {
  await page.getByRole('link', { name: 'Edit' }).first().click();
  const args = page.getByLabel('Main arguments');
  const before = await args.inputValue();
  await args.fill(before.replace(from, to));
  await page.getByLabel('Entry class').fill(entryClass);
  await page.getByRole('button', { name: 'Review and save' }).click();
  const preview = page.getByRole('region', { name: 'What will happen' });
  await expect(preview).toContainText('A new cluster is made ready, then the job moves to it.');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
}

async function expectUpgraded(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Jobs' }).click();
  const swapped = page.getByRole('row').filter({ hasText: 'Warm swap' });
  await expect(swapped.locator('[data-state=STARTED]')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Progress of the transition' })).toHaveCount(0);
}

async function breakAndRepair(page: Page): Promise<void> {
  await change(page, 'dev.weir.jobs.NoSuchJob', '--rate 80', '--rate 90');
  const notice = page.getByRole('alert').filter({ hasText: 'Revision 3 was rolled back.' });
  await expect(notice).toContainText('NoSuchJob');
  await page.getByRole('tab', { name: 'Events' }).click();
  await page.getByText('Errors', { exact: true }).or(page.getByText('Warnings', { exact: true })).first().click();
  await expect(page.getByText(/NoSuchJob/).first()).toBeVisible();
  await page.getByRole('tab', { name: 'History' }).click();
  await page.getByRole('button', { name: /Revision 2/ }).click();
  await page.getByRole('listitem').filter({ hasText: 'Revision 2' }).getByRole('button', { name: 'Bring back' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Bring back' }).click();
  // What lasts, not the message, which is gone after some seconds.
  await expect(page.getByRole('button', { name: /Revision 4/ })).toContainText('wanted');
  await expect(notice).toHaveCount(0);
  await expect(page.locator('[data-state=RUNNING]')).toHaveCount(2);
}

async function remove(page: Page): Promise<void> {
  const actions = page.getByRole('group', { name: 'Actions' });
  await actions.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await expect(page.locator('[data-state=CANCELLED]')).toHaveCount(2);
  await actions.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('word-stream');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('No deployments yet')).toBeVisible();
}
