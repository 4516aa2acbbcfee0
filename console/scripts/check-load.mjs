// What a browser loads before it shows the first page, compressed: the entry and everything that it
// imports, styles included. Pages that are loaded later do not count.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const LIMIT = 400 * 1024;
const dist = new URL('../dist', import.meta.url).pathname;
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));

const files = new Set(['index.html', 'weir.svg']);
const seen = new Set();
function take(key) {
  if (seen.has(key)) return;
  seen.add(key);
  const chunk = manifest[key];
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const imported of chunk.imports ?? []) take(imported);
}
for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) take(key);

const total = [...files].reduce((sum, file) => sum + statSync(join(dist, `${file}.gz`)).size, 0);
console.log(`first load: ${files.size} files, ${(total / 1024).toFixed(0)} KiB compressed of ${LIMIT / 1024} KiB`);
if (total > LIMIT) {
  console.error('The first load is too large: what only some pages need must be loaded by them.');
  process.exit(1);
}
console.log('1 checks passed, 0 failed');
