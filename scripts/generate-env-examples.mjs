/**
 * Writes `.env.<profile>.example` from the table of variables in the build. With `--check` it writes nothing and
 * fails when a file differs from what would be written.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const fromRoot = (/** @type {string} */ path) => new URL(`../${path}`, import.meta.url);

// The build may not be there when types are checked, hence an address instead of a plain import.
const { EXAMPLE_PROFILES, renderExample } = await import(fromRoot('dist/config/example-file.js').href);

for (const profile of EXAMPLE_PROFILES) {
  const name = `.env.${profile}.example`;
  const text = renderExample(profile);
  if (!process.argv.includes('--check')) {
    writeFileSync(fromRoot(name), text);
  } else if (readFileSync(fromRoot(name), 'utf8') !== text) {
    process.stderr.write(`${name} is out of date: run "npm run docs:build" and commit it.\n`);
    process.exitCode = 1;
  }
}
