// Writes src/lib/api-types.ts from the API's description, or with --check fails if it is
// not what the description says.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';
import { parse } from 'yaml';

const folder = new URL('../api/openapi/', import.meta.url);
const target = new URL('src/lib/api-types.ts', import.meta.url);

/** The fragments as one document, as the server merges them (api/openapi). */
function merge(into, from) {
  for (const [name, value] of Object.entries(from)) {
    const old = into[name];
    into[name] = isObject(old) && isObject(value) ? merge(old, value) : value;
  }
  return into;
}
const isObject = (v) => typeof v === 'object' && v !== null && !Array.isArray(v);

const fragments = readdirSync(folder).filter((name) => name.endsWith('.yaml')).sort();
const document = fragments.reduce((all, name) => merge(all, parse(readFileSync(new URL(name, folder), 'utf8'), { merge: true })), {});
const head = '// Made by "npm run api" from api/openapi: not to be edited.\n';
const text = head + astToString(await openapiTS(document, { silent: true }));

if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  console.error('src/lib/api-types.ts is not what api/openapi says: run "npm run api".');
  process.exit(1);
}
