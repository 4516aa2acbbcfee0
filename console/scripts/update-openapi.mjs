// Writes the snapshot of the server's OpenAPI document, from which the client's types are generated:
// run it after a change of the API, then commit both files.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { currentDocument } from './openapi.mjs';

writeFileSync(new URL('../src/api/openapi.json', import.meta.url), await currentDocument());
execFileSync('npm', ['run', '--silent', 'types'], { stdio: 'inherit', cwd: new URL('..', import.meta.url) });
