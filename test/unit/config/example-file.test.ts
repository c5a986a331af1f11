import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { EXAMPLE_PROFILES, renderExample } from '../../../src/config/example-file.js';
import { defaultOf, PROFILES, variableList } from '../../../src/config/variables.js';
import { failure, load, PRODUCTION, variablesIn } from './load.js';

const settings = (profile: (typeof EXAMPLE_PROFILES)[number]) => {
  const parsed: Record<string, string | undefined> & { NODE_ENV?: string } = {
    ...parseEnv(renderExample(profile)),
  };
  return parsed;
};

describe('the example files', () => {
  it.each(EXAMPLE_PROFILES)('of %s is what stands in the repository', (profile) => {
    const file = new URL(`../../../.env.${profile}.example`, import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(renderExample(profile));
  });

  it.each(EXAMPLE_PROFILES)('of %s names its profile and gives no secret', (profile) => {
    const given = settings(profile);
    expect(given.NODE_ENV).toBe(profile);
    for (const [name, entry] of variableList) if (entry.secret) expect(given[name] ?? '').toBe('');
  });

  it.each(['development', 'staging'] as const)('of %s starts as it stands', (profile) => {
    expect(load(settings(profile)).profile).toBe(profile);
  });

  it('of production is refused until each demand is met, and names them all', () => {
    const given = settings('production');
    const missing = variablesIn(failure(given));
    expect(missing.sort()).toEqual(
      Object.keys(PRODUCTION)
        .filter((name) => name !== 'NODE_ENV')
        .sort(),
    );
    expect(load({ ...given, ...PRODUCTION }).profile).toBe('production');
  });

  it('together show every variable', () => {
    const all = EXAMPLE_PROFILES.map(renderExample).join('\n');
    for (const [name] of variableList) expect(all).toMatch(new RegExp(`^(# )?${name}=`, 'm'));
  });
});

describe('the table of variables', () => {
  it('holds defaults and examples that its own forms accept', () => {
    for (const [name, entry] of variableList) {
      const samples = [entry.example, ...PROFILES.map((profile) => defaultOf(entry, profile))];
      for (const sample of samples) {
        if (sample !== undefined)
          expect(entry.schema.safeParse(sample), `${name}=${sample}`).toMatchObject({ success: true });
      }
    }
  });

  it('states the unit of every duration and size', () => {
    for (const [name, entry] of variableList) {
      if (/_TTL_|TIMEOUT|DEADLINE|GRACE|STALE/.test(name))
        expect(entry.description, name).toMatch(/^Seconds /);
      if (/_MB$/.test(name)) expect(entry.description, name).toMatch(/MiB/);
    }
  });

  it('gives no secret a default', () => {
    for (const [name, entry] of variableList) {
      if (entry.secret) expect([entry.default, entry.defaultIn], name).toEqual([undefined, undefined]);
    }
  });
});
