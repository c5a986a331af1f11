/** How long a replica may take to end, wherever it is written: computed from the profile's defaults, never copied. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { secondsToEnd } from '../../../src/app/shutdown.js';
import { CHECKLISTS } from '../../../src/config/checklists.js';
import { load, PRODUCTION } from '../config/load.js';
import { ROOT } from '../house/source-tree.js';

const PROFILES = { production: PRODUCTION, staging: { NODE_ENV: 'staging' }, development: {} };
const secondsOf = (profile: keyof typeof PROFILES) => secondsToEnd(load(PROFILES[profile]));
const longest = secondsOf('production');

/** Every number of seconds that the expression finds in a text, as numbers. */
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, n]) => Number(n));
const read = (path: string) => readFileSync(`${ROOT}${path}`, 'utf8').replace(/\s+/g, ' ');

describe('the seconds that a replica must be left after SIGTERM', () => {
  it('are more than the delay and the time of grace', () => {
    const { drainDelayMs, shutdownGraceMs } = load(PRODUCTION);
    expect(longest).toBeGreaterThan((drainDelayMs + shutdownGraceMs) / 1_000 + 5);
    expect(secondsToEnd({ drainDelayMs: drainDelayMs + 10_000, shutdownGraceMs })).toBe(longest + 10);
  });

  it('stand in the checklist of production', () => {
    const items = CHECKLISTS.production
      .flatMap((list) => list.items)
      .filter((item) => item.includes('SIGKILL'));
    expect(items.flatMap((item) => found(item, /at least (\d+) s /g))).toEqual([longest]);
  });

  it('stand in the page on configuration, for each profile', () => {
    const page = read('docs/CONFIGURATION.md');
    expect(found(page, /(\d+) s with the defaults of production and staging/g)).toEqual([longest]);
    expect(secondsOf('staging')).toBe(longest);
    expect(found(page, /(\d+) s with those of development/g)).toEqual([secondsOf('development')]);
  });

  it.each([
    ['docs/DEPLOYMENT-DOCKER.md', /A replica may take (\d+) s to end/g],
    ['docs/PRODUCTION-RUNBOOK.md', /line `shutdown`, (\d+) s with the defaults/g],
    ['docs/PRODUCTION-RUNBOOK.md', /killed before the (\d+) s that they may take/g],
    ['docker-compose.production.yml', /a replica may take to end: (\d+) s/g],
    ['docker/restart-replicas.sh', /longer than the (\d+) s that a replica may take/g],
  ])('stand in %s', (path, words) => {
    expect(found(read(path), words)).toEqual([longest]);
  });

  it.each(['docker/restart-replicas.sh', 'docs/DEPLOYMENT-DOCKER.md'])(
    'are given by the commands in %s',
    (path) => {
      const given = found(read(path), /docker (?:stop|restart) (?:-t|--time|--timeout) (\d+)/g);
      expect(given.length).toBeGreaterThan(0);
      for (const seconds of given) expect(seconds).toBeGreaterThan(longest);
    },
  );
});
