// What the console costs with many deployments: prints one JSON object. See bench/README.md.
//   node console/scripts/bench.mjs [deployments]
import { chromium } from '@playwright/test';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const deployments = Number(process.argv[2] ?? 5000);
const CONSOLES = 200;
const RUNS = 5;
const bin = new URL('../../build/release/bin/', import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), 'weir-console-bench-'));
writeFileSync(join(directory, 'job.jar'), 'PK\x03\x04 not run by anybody');

async function start(program, args) {
  const child = spawn(join(bin, program), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  return { child, line };
}
const fake = await start('fake-flink', ['--with-parent']);
const server = await start('fleet-server', ['--fake-flink', `http://127.0.0.1:${fake.line}`, '--data', directory]);
const base = `${server.line}/api/v1/namespaces/default`;
const serverMegabytes = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) / 1024;

async function create(from) {
  for (let number = from; number < deployments; number += 16)
    await fetch(`${base}/deployments`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        metadata: { name: `fleet-${number}`, labels: { team: `team-${number % 20}`, env: number % 3 ? 'prod' : 'test' } },
        spec: { state: 'CANCELLED', template: { spec: { artifact: { kind: 'JAR', jarUri: `file://${directory}/job.jar` } } } },
      }),
    });
}
await Promise.all(Array.from({ length: 16 }, (_, from) => create(from)));

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
async function load() {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await page.goto(`${server.line}/deployments`);
  await page.locator('[role=row] a').first().waitFor();
  const usable = await page.evaluate(() => performance.now());
  const painted = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime);
  const bytes = await page.evaluate(() =>
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .filter(({ name }) => !name.includes('/api/'))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0));
  const typed = performance.now();
  await page.getByRole('textbox').first().fill('team:team-7');
  await page.locator('[role=row] a', { hasText: 'fleet-7' }).first().waitFor();
  const filtered = performance.now() - typed;
  return { page, painted, usable, bytes, filtered };
}
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const heap = async (page) => {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize / 2 ** 20;
};

const runs = [];
for (let run = 0; run < RUNS; run += 1) {
  const loaded = await load();
  runs.push(loaded);
  if (run < RUNS - 1) await loaded.page.context().close();
}
const { page } = runs.at(-1);
const heapBefore = await heap(page);
// About an hour of a busy server: every deployment changes once.
await Promise.all(
  Array.from({ length: 8 }, async (_, from) => {
    for (let number = from; number < deployments; number += 8)
      await fetch(`${base}/deployments/fleet-${number}`, {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ metadata: { labels: { changed: 'yes' } } }),
      });
  }),
);
await page.getByRole('textbox').first().fill('changed:yes');
await page.locator('[role=row] a').first().waitFor();
const heapAfter = await heap(page);
await browser.close();

const before = serverMegabytes();
const revision = (await (await fetch(`${server.line}/api/v1/status`)).json()).revision;
const feeds = [];
for (let number = 0; number < CONSOLES; number += 1) {
  const abort = new AbortController();
  const response = await fetch(`${server.line}/api/v1/watch?namespace=default&lastEventId=${revision}`, { signal: abort.signal });
  feeds.push({ abort, reader: response.body.getReader() });
}
const waits = [];
for (let change = 0; change < 20; change += 1) {
  const began = performance.now();
  const received = feeds.map(async ({ reader }) => {
    for (let text = ''; !text.includes(`"round":"${change}"`); ) text += Buffer.from((await reader.read()).value).toString();
    return performance.now() - began;
  });
  await fetch(`${base}/deployments/fleet-0`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ metadata: { labels: { round: String(change) } } }),
  });
  waits.push(Math.max(...(await Promise.all(received))));
}
const open = serverMegabytes();
for (const { abort } of feeds) abort.abort();

const round = (value) => Math.round(value * 10) / 10;
console.log(
  JSON.stringify({
    deployments,
    first_contentful_paint_ms: round(median(runs.map(({ painted }) => painted))),
    usable_list_ms: round(median(runs.map(({ usable }) => usable))),
    filter_ms: round(median(runs.map(({ filtered }) => filtered))),
    console_kilobytes: round(runs[0].bytes / 1024),
    tab_heap_mb: round(heapBefore),
    tab_heap_after_changes_mb: round(heapAfter),
    consoles: CONSOLES,
    last_console_has_change_ms: round(median(waits)),
    server_mb_more: round(open - before),
  }),
);
server.child.kill('SIGKILL');
fake.child.kill('SIGKILL');
rmSync(directory, { recursive: true, force: true });
process.exit(0);
