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

/** The variables a file shows, commented out or not, with their default or their example; secrets are made up. */
function allShown(profile: (typeof EXAMPLE_PROFILES)[number]): Record<string, string> {
  const shown = variableList.filter(
    ([, { group, shownIn }]) => group !== 'Overrides' && shownIn.includes(profile),
  );
  return Object.fromEntries(
    shown.flatMap(([name, entry]) => {
      const value = defaultOf(entry, profile) ?? entry.example;
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

const MADE_UP = {
  MCP_KMS_KEY: PRODUCTION.MCP_KMS_KEY,
  MCP_KEY_PEPPER: PRODUCTION.MCP_KEY_PEPPER,
  METRICS_TOKEN: 'made-up-metrics-token',
  ADMIN_TOKEN: 'made-up-admin-token',
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

  it('of production stays without a warning or an override once its demands are met', () => {
    const config = load({ ...settings('production'), ...PRODUCTION });
    expect(config).toMatchObject({ warnings: [], overrides: [] });
  });

  it.each(EXAMPLE_PROFILES)(
    'of %s is accepted, without a warning, with all that it shows filled in',
    (profile) => {
      const files: Record<string, string> = { '/etc/ssl/private-ca.pem': '-----BEGIN CERTIFICATE-----' };
      const config = load({ ...allShown(profile), ...MADE_UP, NODE_ENV: profile }, files);
      expect(config).toMatchObject({ profile, warnings: [], overrides: [] });
    },
  );

  it.each(EXAMPLE_PROFILES)('of %s has checklists of short lines, and asks for the doctor', (profile) => {
    const [head = ''] = renderExample(profile).split('# ----- Process -----');
    for (const when of ['Before you start', 'After the start']) expect(head).toContain(`# ${when}:\n# [ ] `);
    expect(head).toMatch(/^# {7}node --env-file=\.env dist\/cli\.js doctor$/m);
    for (const line of renderExample(profile).split('\n')) {
      if (!/^# {7}|^# Make one: |^# Example: |^[A-Z# ]+=/.test(line))
        expect(line.length, line).toBeLessThan(111);
    }
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
