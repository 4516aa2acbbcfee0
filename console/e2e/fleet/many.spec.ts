import { join } from 'node:path';
import { WeirApi } from '../api';
import { startFleet } from '../processes';
import { expect, test } from './fixtures';

const MANY = 5000;
const WRITERS = 32;

/** The names in the order of the list. */
const nameOf = (number: number) => `fleet-${String(number).padStart(4, '0')}`;

test('five thousand deployments: a window of rows, the last one, and those that a filter leaves', async ({ page }) => {
  test.setTimeout(300_000);
  const server = await startFleet();
  try {
    const weir = new WeirApi(server.url, join(server.data, 'job.jar'));
    const write = async (from: number) => {
      for (let number = from; number < MANY; number += WRITERS)
        await weir.create(nameOf(number), { labels: { team: `team-${number % 20}` } });
    };
    await Promise.all(Array.from({ length: WRITERS }, (_, from) => write(from)));

    await page.goto(`${server.url}/deployments`);
    const table = page.getByRole('table', { name: 'Deployments' });
    await expect(table).toHaveAttribute('aria-rowcount', String(MANY + 1));
    const rows = table.locator('[role=row]');
    await expect(rows.filter({ hasText: nameOf(0) })).toBeVisible();
    expect(await rows.count(), 'only what is in view and a little more exists').toBeLessThan(60);

    // Wherever one scrolls to, the rows of that place are there, and no more of them than at the top.
    for (const part of [0.25, 0.5, 0.75, 1]) {
      await table.evaluate((element, to) => element.scrollTo(0, to * element.scrollHeight), part);
      const expected = nameOf(Math.min(MANY - 1, Math.round(part * MANY)));
      await expect(rows.filter({ hasText: expected })).toBeAttached();
      expect(await rows.count()).toBeLessThan(60);
    }
    await expect(rows.filter({ hasText: nameOf(MANY - 1) })).toBeVisible();

    await page.getByPlaceholder('Name, or key:value of a label').fill('team:team-7 fleet-49');
    // 4907, 4927, ... 4987.
    await expect(table.locator('[role=row] a')).toHaveText(Array.from({ length: 5 }, (_, index) => nameOf(4907 + 20 * index)));
  } finally {
    await server.stop();
  }
});
