import { join } from 'node:path';
import { expect, test } from '../fleet/fixtures';
import { ROOT } from '../processes';

/** Takes the pictures of docs/guide/console.md; scripts/console-screenshots runs it. */

const IMAGES = join(ROOT, 'docs/guide/images');

const TEAMS = ['payments', 'search', 'logistics', 'ads'];
const WORDS = ['orders', 'clicks', 'sessions', 'inventory', 'fraud', 'prices', 'shipments', 'reviews'];

test.beforeAll(async ({ weir }) => {
  for (const [index, word] of WORDS.entries()) {
    const labels = { team: TEAMS[index % TEAMS.length] as string, env: index % 3 === 0 ? 'staging' : 'prod' };
    await weir.create(`${word}-enrichment`, { labels, parallelism: 1, state: 'RUNNING' });
    await weir.create(`${word}-to-lake`, { labels, parallelism: 1, state: index % 2 === 0 ? 'RUNNING' : 'CANCELLED' });
  }
  await weir.create('refunds', { labels: { team: 'payments', env: 'prod' }, state: 'RUNNING', mainArgs: '--fail-in-main' });
  await weir.create('recommendations', { labels: { team: 'search', env: 'prod' }, state: 'RUNNING', mainArgs: '--stay-created' });
  await weir.until('refunds', 'FAILED');
  for (const word of WORDS) await weir.until(`${word}-enrichment`, 'RUNNING');
  const orders = await weir.get('orders-enrichment');
  await weir.request('POST', '/savepoints', { metadata: { deploymentId: orders.metadata.id } });
  await weir.request('PATCH', '/deployments/orders-enrichment', { spec: { template: { spec: { artifact: { mainArgs: '--topic orders-v2' } } } } });
  await weir.setState('clicks-enrichment', 'SUSPENDED');
  await weir.until('clicks-enrichment', 'SUSPENDED');
  await weir.request('POST', '/secret-values', { metadata: { name: 'kafka-password' }, spec: { kind: 'PLAIN', value: 'not shown' } });
});

interface Shot {
  name: string;
  path: string;
  theme?: 'dark';
  language?: 'zh-CN';
  width?: number;
  height?: number;
  /** What must be there before the picture is taken. */
  shows: string;
}

const SHOTS: Shot[] = [
  { name: 'list', path: '/deployments', shows: '[role=row] [data-state=TRANSITIONING]' },
  { name: 'list-dark-chinese', path: '/deployments', theme: 'dark', language: 'zh-CN', shows: '[role=row] [data-state=TRANSITIONING]' },
  { name: 'list-phone', path: '/deployments', width: 390, height: 780, shows: '[role=row] a' },
  { name: 'overview', path: '/deployments/orders-enrichment/overview', shows: '[data-state=RUNNING]' },
  { name: 'transition', path: '/deployments/recommendations/overview', shows: '[aria-current=step]' },
  { name: 'failed', path: '/deployments/refunds/events', theme: 'dark', shows: '[data-level=ERROR]' },
  { name: 'graph', path: '/deployments/orders-enrichment/graph', shows: '.react-flow__node' },
  { name: 'metrics', path: '/deployments/orders-enrichment/metrics?range=60000', shows: '.u-over', height: 1000 },
  { name: 'savepoints', path: '/deployments/clicks-enrichment/savepoints', shows: 'table [data-state=COMPLETED]' },
  { name: 'history', path: '/deployments/orders-enrichment/history', shows: 'table' },
  { name: 'editor', path: '/deployments/orders-enrichment/edit', width: 1600, height: 950, shows: '.cm-line' },
  { name: 'editor-dark', path: '/deployments/new', width: 1600, height: 950, theme: 'dark', shows: '.cm-line' },
  { name: 'secrets', path: '/settings/secrets', shows: 'table' },
  { name: 'system', path: '/system', theme: 'dark', language: 'zh-CN', shows: 'dl' },
];

for (const { name, path, theme = 'light', language = 'en', width = 1280, height = 800, shows } of SHOTS)
  test(name, async ({ open, page }) => {
    await page.setViewportSize({ width, height });
    await open(path, { theme, language });
    await expect(page.locator(shows).first()).toBeVisible();
    await expect(page.locator('.ant-skeleton, .ant-spin-spinning')).toHaveCount(0);
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(IMAGES, `console-${name}.png`), animations: 'disabled' });
  });
