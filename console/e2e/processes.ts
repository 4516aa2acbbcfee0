import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const ROOT = new URL('../..', import.meta.url).pathname;
const BIN = process.env.WEIR_BIN ?? join(ROOT, 'build/release/bin');

/** Starts a program that says where it listens in its first line. */
async function startUntilLine(program: string, args: string[]): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(join(BIN, program), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}; build it with scripts/build release ${program}`)));
  });
  return { child, line };
}

export interface RunningServer {
  url: string;
  stop(): Promise<void>;
}

/** Weir over fake clusters, on data of its own or on what a former one left. */
export async function startFleet(data?: string): Promise<RunningServer & { data: string }> {
  const directory = data ?? mkdtempSync(join(tmpdir(), 'weir-console-'));
  writeFileSync(join(directory, 'job.jar'), 'PK\x03\x04 not run by anybody');
  const fake = await startUntilLine('fake-flink', ['--with-parent']);
  const server = await startUntilLine('fleet-server', ['--fake-flink', `http://127.0.0.1:${fake.line}`, '--data', directory]);
  return {
    url: server.line,
    data: directory,
    async stop() {
      for (const { child } of [server, fake]) {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await ended;
      }
      if (data === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The shipped binary on a directory of its own; its jobs end with it. */
export async function startWeir(settings: string): Promise<RunningServer & { directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-journey-'));
  const config = join(directory, 'weir.yaml');
  writeFileSync(config, settings);
  const child = spawn(
    join(BIN, 'weir'),
    ['server', '--listen', '127.0.0.1:0', '--data', join(directory, 'data'), '--config', config, '--stop-jobs'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`weir ended with ${code}`)));
  });
  const url = /(http:\S+)$/.exec(line)?.[1];
  if (url === undefined) throw new Error(`weir did not say where it answers: ${line}`);
  return {
    url,
    directory,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
