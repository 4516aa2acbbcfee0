import AxeBuilder from '@axe-core/playwright';
import { expect, type Locator, type Page, test as base } from '@playwright/test';
import { join } from 'node:path';
import { WeirApi } from '../api';
import { startFleet } from '../processes';

export interface Preferences {
  theme?: 'light' | 'dark';
  language?: 'en' | 'zh-CN';
  timeZone?: string;
}

interface WorkerFixtures {
  weir: WeirApi;
}

interface TestFixtures {
  /** Opens a page of the console and fails on anything that the browser complains about. */
  open: (path: string, preferences?: Preferences) => Promise<Page>;
}

/** What a test provokes on purpose may be complained about. */
const EXPECTED = /the server responded with a status of (4\d\d|5\d\d)|net::ERR_|Unable to preload|dynamically imported module/;

export const test = base.extend<TestFixtures, WorkerFixtures>({
  weir: [
    async ({}, use) => {
      const server = await startFleet();
      await use(new WeirApi(server.url, join(server.data, 'job.jar')));
      await server.stop();
    },
    { scope: 'worker' },
  ],
  open: async ({ page, weir }, use) => {
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !EXPECTED.test(message.text())) complaints.push(message.text());
    });
    await use(async (path, preferences = {}) => {
      await page.addInitScript(
        (given) => {
          if (localStorage.getItem('weir.preferences') === null) localStorage.setItem('weir.preferences', given);
        },
        JSON.stringify({ theme: 'light', language: 'en', timeZone: 'UTC', ...preferences }),
      );
      await page.goto(weir.url + path);
      return page;
    });
    expect(complaints, 'what the browser complained about').toEqual([]);
  },
});

/** Writes into an editor in place of what it holds. */
export async function rewrite(page: Page, editor: Locator, text: string): Promise<void> {
  await editor.click();
  await page.keyboard.press('Control+a');
  // Chromium's own editing would keep the style of what it replaces, which the policy forbids.
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

/** Nothing on the page breaks the accessibility rules that axe knows (WCAG 2.1 A and AA). */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).analyze();
  const told = violations.flatMap(({ id, help, nodes }) => nodes.slice(0, 4).map(({ html, failureSummary }) => `${id}: ${help}\n${html.slice(0, 200)}\n${failureSummary}`));
  expect(told.join('\n\n')).toBe('');
}

export { expect } from '@playwright/test';
