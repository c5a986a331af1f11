/**
 * Writes the rules of what the service promises and the dashboards below `docker/`. With `--check` it writes nothing and
 * fails when a file differs from what would be written.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { burnRulesText } from './burn-rules.mjs';
import { overview } from './dashboards/overview.mjs';
import { tools } from './dashboards/tools.mjs';
import { upstream } from './dashboards/upstream.mjs';
import { SLOS } from './slos.mjs';

const fromRoot = (/** @type {string} */ path) => new URL(`../../${path}`, import.meta.url);
const biome = fileURLToPath(fromRoot('node_modules/@biomejs/biome/bin/biome'));

/** As the formatter of this repository writes it. @param {string} path @param {unknown} value */
const jsonText = (path, value) =>
  execFileSync(process.execPath, [biome, 'format', `--stdin-file-path=${path}`], {
    cwd: fromRoot(''),
    input: JSON.stringify(value, null, 2),
    encoding: 'utf8',
  });

const dashboards = [overview, tools, upstream].map((dashboard) => ({
  path: `docker/grafana/dashboards/${dashboard.uid.replace('orderdesk-', '')}.json`,
  dashboard,
}));

const files = [
  ...SLOS.map((slo) => ({ path: `docker/prometheus/rules/slo-${slo.name}.yml`, text: burnRulesText(slo) })),
  ...dashboards.map(({ path, dashboard }) => ({ path, text: jsonText(path, dashboard) })),
];

for (const { path, text } of files) {
  const file = fromRoot(path);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${path} is out of date: run "npm run docs:build" and commit it.\n`);
    process.exitCode = 1;
  }
}
