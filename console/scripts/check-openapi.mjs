// The console's types are those of this server.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentDocument } from './openapi.mjs';

const source = new URL('../src/api/', import.meta.url).pathname;
if ((await currentDocument()) !== readFileSync(join(source, 'openapi.json'), 'utf8')) {
  console.error('src/api/openapi.json is not what the server answers: run node console/scripts/update-openapi.mjs');
  process.exit(1);
}
const directory = mkdtempSync(join(tmpdir(), 'weir-types-'));
execFileSync('npx', ['openapi-typescript', join(source, 'openapi.json'), '-o', join(directory, 'schema.ts')], { stdio: 'ignore' });
const same = readFileSync(join(directory, 'schema.ts'), 'utf8') === readFileSync(join(source, 'schema.ts'), 'utf8');
rmSync(directory, { recursive: true });
if (!same) {
  console.error('src/api/schema.ts is not made from src/api/openapi.json: run npm run types in console/');
  process.exit(1);
}
console.log('2 checks passed, 0 failed');
