import type { Page } from '@playwright/test';
import { expect, expectAccessible, test } from './fixtures';

/** What opens above a page: where, and how it is opened. Each is one `dialog`. */
const OVERLAYS: { name: string; path: string; open: (page: Page) => Promise<void> }[] = [
  { name: 'the palette', path: '/deployments', open: (page) => page.keyboard.press('Control+k') },
  { name: 'a session cluster to create', path: '/settings/sessions', open: (page) => page.locator('main .ant-btn-primary').first().click() },
  { name: 'a target to create', path: '/settings/targets', open: (page) => page.locator('main .ant-btn-primary').first().click() },
  { name: 'a secret value to create', path: '/settings/secrets', open: (page) => page.locator('main .ant-btn-primary').first().click() },
  { name: 'a savepoint to register', path: '/deployments/overlaid/savepoints', open: (page) => page.getByRole('button', { name: /Register an existing one|登记已有保存点/ }).click() },
  { name: 'a fork', path: '/deployments/overlaid/overview', open: (page) => more(page, /Fork|派生/) },
  { name: 'a deletion', path: '/deployments/overlaid/overview', open: (page) => more(page, /Delete|删除/) },
  { name: 'a job', path: '/deployments/overlaid/jobs', open: (page) => page.getByRole('button', { name: /^[0-9a-f]{8}$/ }).first().click() },
  { name: 'a vertex', path: '/deployments/overlaid/graph', open: (page) => page.locator('.react-flow__node').first().click() },
  { name: 'connectors', path: '/deployments/overlaid/edit', open: (page) => page.getByRole('button', { name: /Connectors|连接器/ }).click() },
  { name: 'a change to save', path: '/deployments/overlaid/edit', open: review },
];

async function more(page: Page, item: RegExp): Promise<void> {
  await page.getByRole('group', { name: /Actions|操作/ }).getByRole('button', { name: /More actions|更多操作/ }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

async function review(page: Page): Promise<void> {
  await page.getByLabel(/^(Display name|显示名称)$/).fill('Overlaid');
  await page.getByRole('button', { name: /Review and save|查看并保存/ }).click();
}

/** What moves is seen half; what turns for ever never ends. */
async function comeToRest(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

test.beforeAll(async ({ weir }) => {
  await weir.create('overlaid', { state: 'RUNNING', labels: { team: 'data' } });
  await weir.until('overlaid', 'RUNNING');
});

const LOOKS = [
  { theme: 'light', language: 'en' },
  { theme: 'dark', language: 'zh-CN' },
] as const;

for (const { theme, language } of LOOKS)
  for (const overlay of OVERLAYS)
    test(`accessible above a page: ${overlay.name}, ${theme}, ${language}`, async ({ open, page }) => {
      await open(overlay.path, { theme, language });
      await expect(page.locator('main h1').first()).toBeVisible();
      await expect(page.locator('.ant-skeleton')).toHaveCount(0);
      await overlay.open(page);
      await expect(page.getByRole('dialog')).toBeVisible();
      await expect(page.getByRole('dialog').locator('.ant-skeleton')).toHaveCount(0);
      await comeToRest(page);
      await expectAccessible(page);
    });

test('the advanced part of the form is accessible', async ({ open, page }) => {
  await open('/deployments/new');
  await page.getByRole('button', { name: 'Advanced' }).click();
  await expect(page.getByLabel('Stable after')).toBeVisible();
  await comeToRest(page);
  await expectAccessible(page);
});
