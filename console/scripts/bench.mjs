// What the console costs with many deployments: prints one JSON object. See bench/README.md.
//   node console/scripts/bench.mjs [deployments]
import { chromium } from '@playwright/test';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const deployments = Number(process.argv[2] ?? 5000);
const CONSOLES = 200;
const RUNS = 5;
/** An hour: each deployment changes every five minutes, and one is started and cancelled every 18 seconds. */
const CHANGES_PER_DEPLOYMENT = 12;
const RESTARTS = 200;
const HOUR_MILLISECONDS_AT_MOST = 5 * 60_000;

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

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const round = (value) => Math.round(value * 10) / 10;
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const serverFile = (name) => readFileSync(`/proc/${server.child.pid}/${name}`, 'utf8');
const serverMegabytes = () => Number(/VmRSS:\s+(\d+)/.exec(serverFile('status'))[1]) / 1024;
/** User and system time; a tick is 10 ms. */
function serverCpuMilliseconds() {
  const fields = serverFile('stat').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function request(method, path, body) {
  const response = await fetch(base + path, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.text();
}
const change = (number, labels) => request('PATCH', `/deployments/fleet-${number}`, { metadata: { labels } });
const setState = (number, state) => request('PATCH', `/deployments/fleet-${number}`, { spec: { state } });

/** Runs the work for each deployment, so many at a time. */
async function forAll(atOnce, work) {
  const lane = async (from) => {
    for (let number = from; number < deployments; number += atOnce) await work(number);
  };
  await Promise.all(Array.from({ length: atOnce }, (_, from) => lane(from)));
}

const create = (number) =>
  request('POST', '/deployments', {
    metadata: { name: `fleet-${number}`, labels: { team: `team-${number % 20}`, env: number % 3 ? 'prod' : 'test' } },
    spec: {
      state: 'CANCELLED',
      template: { spec: { artifact: { kind: 'JAR', jarUri: `file://${directory}/job.jar` } } },
    },
  });

async function load(browser) {
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

async function loads(browser) {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) {
    const { page, ...figures } = await load(browser);
    runs.push(figures);
    await page.context().close();
  }
  return {
    first_contentful_paint_ms: round(median(runs.map(({ painted }) => painted))),
    usable_list_ms: round(median(runs.map(({ usable }) => usable))),
    filter_ms: round(median(runs.map(({ filtered }) => filtered))),
    console_kilobytes: round(runs[0].bytes / 1024),
  };
}

async function heap(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / 2 ** 20;
}

/** Waits for the feed to say that the deployment has that state. */
async function until(id, state, act) {
  const abort = new AbortController();
  const response = await fetch(`${server.line}/api/v1/watch?kinds=Deployment&deploymentId=${id}`, { signal: abort.signal });
  await act();
  const reader = response.body.getReader();
  for (let text = ''; !text.includes(`"status":{"state":"${state}"`); ) text += Buffer.from((await reader.read()).value).toString();
  abort.abort();
}

/** An hour's changes at once, in front of a tab with the list and one with the events of one deployment. */
async function hour(browser) {
  const { page: list } = await load(browser);
  await list.getByRole('textbox').first().fill('');
  const events = await (await browser.newContext()).newPage();
  const { id } = JSON.parse(await request('GET', '/deployments/fleet-0')).metadata;
  await events.goto(`${server.line}/deployments/fleet-0/events`);
  await events.locator('main h1').waitFor();
  const before = [await heap(list), await heap(events)];
  const began = performance.now();
  const timeLeft = () => performance.now() - began < HOUR_MILLISECONDS_AT_MOST;
  let changes = 0;
  let restarts = 0;
  const changing = async () => {
    for (let turn = 0; turn < CHANGES_PER_DEPLOYMENT && timeLeft(); turn += 1)
      await forAll(16, async (number) => {
        if (!timeLeft()) return;
        await change(number, { turn: String(turn) });
        changes += 1;
      });
  };
  const restarting = async () => {
    for (; restarts < RESTARTS && timeLeft(); restarts += 1) {
      await until(id, 'RUNNING', () => setState(0, 'RUNNING'));
      await until(id, 'CANCELLED', () => setState(0, 'CANCELLED'));
    }
  };
  await Promise.all([changing(), restarting()]);
  const took = performance.now() - began;
  await change(deployments - 1, { seen: 'yes' });
  await list.getByRole('textbox').first().fill('seen:yes');
  await list.locator('[role=row] a').first().waitFor();
  return {
    hour_changes: changes,
    hour_restarts: restarts,
    hour_compressed_to_seconds: round(took / 1000),
    tab_list_mb: [round(before[0]), round(await heap(list))],
    tab_events_mb: [round(before[1]), round(await heap(events))],
  };
}

/** As an open console: it reads the list, then holds a feed. */
async function openConsole(revision, hear) {
  await request('GET', '/deployments');
  const abort = new AbortController();
  const response = await fetch(`${server.line}/api/v1/watch?namespace=default&lastEventId=${revision}`, { signal: abort.signal });
  const reader = response.body.getReader();
  const ended = (async () => {
    let rest = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const text = rest + Buffer.from(part.value).toString();
      hear(text);
      // What is looked for may be cut in two.
      rest = text.slice(-40);
    }
  })().catch(() => {});
  return async () => {
    abort.abort();
    await ended;
  };
}

async function listMilliseconds(times) {
  const took = [];
  for (let run = 0; run < times; run += 1) {
    const began = performance.now();
    await request('GET', '/deployments');
    took.push(performance.now() - began);
  }
  return median(took);
}

async function consoles() {
  const listAlone = await listMilliseconds(20);
  const before = serverMegabytes();
  const { revision } = await (await fetch(`${server.line}/api/v1/status`)).json();
  let wanted = 'none';
  const heard = new Set();
  let last = () => {};
  const closers = [];
  for (let number = 0; number < CONSOLES; number += 1)
    closers.push(
      await openConsole(revision, (text) => {
        if (!text.includes(`"round":"${wanted}"`)) return;
        heard.add(number);
        if (heard.size === CONSOLES) last();
      }),
    );
  const waits = [];
  for (let turn = 0; turn < 20; turn += 1) {
    heard.clear();
    wanted = String(turn);
    const began = performance.now();
    const all = new Promise((resolve) => (last = resolve));
    await change(0, { round: wanted });
    await all;
    waits.push(performance.now() - began);
  }
  let stop = false;
  let changes = 0;
  const cpu = serverCpuMilliseconds();
  const began = performance.now();
  const busy = (async () => {
    for (; !stop; changes += 1) {
      await change(changes % deployments, { busy: String(changes) });
      await sleep(50);
    }
  })();
  const listMeanwhile = await listMilliseconds(40);
  while (performance.now() - began < 10_000) await sleep(100);
  stop = true;
  await busy;
  const seconds = (performance.now() - began) / 1000;
  const figures = {
    consoles: CONSOLES,
    last_console_has_change_ms: round(median(waits)),
    changes_per_second: round(changes / seconds),
    list_ms: [round(listAlone), round(listMeanwhile)],
    server_cpu_percent: round((serverCpuMilliseconds() - cpu) / seconds / 10),
    server_mb: [round(before), round(serverMegabytes())],
  };
  await Promise.all(closers.map((close) => close()));
  return figures;
}

const loadBefore = round(loadavg()[0]);
await forAll(16, create);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const figures = { deployments, ...(await loads(browser)), ...(await hour(browser)) };
await browser.close();
Object.assign(figures, await consoles());
console.log(JSON.stringify({ ...figures, load: [loadBefore, round(loadavg()[0])] }));
server.child.kill('SIGKILL');
fake.child.kill('SIGKILL');
rmSync(directory, { recursive: true, force: true });
process.exit(0);
