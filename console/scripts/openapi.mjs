// The server's OpenAPI document, from the binary of this checkout.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;

/** Keys in order, so that two documents of the same content are the same text. */
function ordered(value) {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, ordered(value[key])]));
}

export async function currentDocument() {
  const binary = join(ROOT, 'build/release/bin/weir');
  if (!existsSync(binary)) throw new Error('weir is not built: run scripts/build release weir weir-shim');
  const directory = mkdtempSync(join(tmpdir(), 'weir-openapi-'));
  const ready = join(directory, 'url');
  const server = spawn(binary, ['server', '--listen', '127.0.0.1:0', '--data', join(directory, 'data'), '--ready-file', ready], { stdio: 'ignore' });
  try {
    const end = Date.now() + 30_000;
    while (!existsSync(ready)) {
      if (server.exitCode !== null || Date.now() > end) throw new Error('weir did not start');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const answer = await fetch(`${readFileSync(ready, 'utf8').trim()}/api/openapi.json`);
    return `${JSON.stringify(ordered(await answer.json()), null, 1)}\n`;
  } finally {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  }
}
