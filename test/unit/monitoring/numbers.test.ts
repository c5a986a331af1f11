/** Numbers of the program that rules, dashboards and documents repeat in words for people. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { HASH_QUEUE } from '../../../src/tenancy/keys/key-hasher.js';
import { ROOT } from './files.js';

it.each([
  ['docker/prometheus/rules/causes.yml', /, (\w+) may wait\. Four at each scrape/],
  ['scripts/monitoring/dashboards/overview.mjs', /run at once on a replica and (\w+) wait at most/],
  ['docker/grafana/dashboards/overview.json', /run at once on a replica and (\w+) wait at most/],
  ['docs/MONITORING.md', /2 run at a time and (\w+) wait at most/],
  ['docs/PRODUCTION-RUNBOOK.md', /runs two at once, a quarter of a second each, and keeps (\w+) waiting/],
])('%s says how many keys wait for bcrypt', (path, words) => {
  expect(words.exec(readFileSync(join(ROOT, path), 'utf8'))?.[1]).toBe(`${HASH_QUEUE}`);
});
