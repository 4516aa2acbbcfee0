// Compresses what was built and lists it for the binary: see cmake/console_files.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';

const dist = new URL('../dist', import.meta.url).pathname;
const types = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

function filesOf(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesOf(path) : [path];
  });
}

rmSync(join(dist, 'files.txt'), { force: true });
const lines = [];
for (const file of filesOf(dist)) {
  const path = relative(dist, file);
  if (path.startsWith('.vite') || path.endsWith('.gz')) continue;
  const type = types[extname(path)];
  if (type === undefined) throw new Error(`scripts/pack.mjs knows no content type for ${path}`);
  const content = readFileSync(file);
  // The same bytes every time: zlib writes no time stamp.
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 24);
  lines.push(`${path}|${type}|\\"${hash}\\"`);
}
lines.sort();
writeFileSync(join(dist, 'files.txt'), `${lines.join('\n')}\n`);
