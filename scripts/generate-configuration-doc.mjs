/**
 * Writes `docs/CONFIGURATION.md` from the table of variables in the build. With `--check` it writes nothing and fails
 * when the file differs from what would be written.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { configurationPage } from './configuration-doc/page.mjs';

const page = new URL('../docs/CONFIGURATION.md', import.meta.url);

// The build may not be there when types are checked, hence an address instead of a plain import.
const table = await import(new URL('../dist/config/variables.js', import.meta.url).href);
const text = configurationPage(table);

if (!process.argv.includes('--check')) {
  writeFileSync(page, text);
} else if (readFileSync(page, 'utf8') !== text) {
  process.stderr.write('docs/CONFIGURATION.md is out of date: run "npm run docs:build" and commit it.\n');
  process.exitCode = 1;
}
