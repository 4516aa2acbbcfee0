import { expect, expectAccessible, test } from './fixtures';

const PAGES = [
  '/deployments',
  '/deployments/looks/overview',
  '/deployments/looks/graph',
  '/deployments/looks/metrics',
  '/deployments/looks/events',
  '/deployments/looks/jobs',
  '/deployments/looks/savepoints',
  '/deployments/looks/logs',
  '/deployments/looks/history',
  '/deployments/looks/yaml',
  '/deployments/looks/edit',
  '/deployments/looks-failed/overview',
  '/artifacts',
  '/settings/targets',
  '/settings/sessions',
  '/settings/defaults',
  '/settings/secrets',
  '/namespaces',
  '/system',
];

test.beforeAll(async ({ weir }) => {
  await weir.create('looks', { state: 'RUNNING', labels: { team: 'data', env: 'prod' } });
  await weir.create('looks-failed', { state: 'RUNNING', mainArgs: '--fail-in-main' });
  await weir.until('looks', 'RUNNING');
  await weir.until('looks-failed', 'FAILED');
});

const LOOKS = [
  { theme: 'light', language: 'en', width: 1280 },
  { theme: 'dark', language: 'zh-CN', width: 1920 },
  { theme: 'dark', language: 'en', width: 390 },
  { theme: 'light', language: 'zh-CN', width: 390 },
] as const;

for (const { theme, language, width } of LOOKS)
  test(`every page is accessible and fits: ${theme}, ${language}, ${width} px`, async ({ open, page, weir }) => {
    test.setTimeout(180_000);
    await page.setViewportSize({ width, height: 900 });
    await open('/deployments', { theme, language });
    for (const path of PAGES) {
      await page.goto(weir.url + path);
      await expect(page.locator('main h1').first(), path).toBeVisible();
      await expect(page.locator('.ant-skeleton'), path).toHaveCount(0);
      await test.step(path, () => expectAccessible(page));
      const overflow = await page.evaluate(() => {
        const main = document.querySelector('main') as HTMLElement;
        return Math.max(main.scrollWidth - main.clientWidth, document.documentElement.scrollWidth - window.innerWidth);
      });
      expect(overflow, `${path} is wider than the window`).toBeLessThanOrEqual(1);
    }
  });
