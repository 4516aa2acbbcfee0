import { defineConfig } from '@playwright/test';

/** The fleet's tests share a server of fake clusters; the journey has the shipped binary and real Flink. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: '../build/console-results',
  fullyParallel: false,
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    // Debian's own; root needs the flag, and the tests open nothing but this machine's pages.
    launchOptions: { executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] },
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    timezoneId: 'Europe/Berlin',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'fleet', testMatch: /fleet\/.*\.spec\.ts/ },
    ...(process.env.WEIR_SCREENSHOTS ? [{ name: 'screenshots', testMatch: /screenshots\/.*\.spec\.ts/ }] : []),
    { name: 'journey', testMatch: /journey\/.*\.spec\.ts/, timeout: 240_000, expect: { timeout: 60_000 } },
  ],
});
