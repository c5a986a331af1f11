/** What the doctor says of this machine's disk, and of secrets in the environment. */
import { expect, it } from 'vitest';
import { diskFinding, fileChecks } from '../../../src/app/doctor-files.js';
import { diskStatus } from '../../../src/app/health-verdict.js';
import { load, PRODUCTION } from '../config/load.js';

it.each([0.79, 0.8, 0.801, 0.9, 0.901, 1])(
  'judges a disk of which %d is used as the health report does',
  (usedRatio) => {
    const status = diskStatus(usedRatio);
    const { outcome, words } = diskFinding({ usedRatio, freeBytes: 2 ** 20 });
    expect(outcome).toBe(status === 'ok' ? 'ok' : 'warned');
    expect(words.includes('Make room now')).toBe(status === 'critical');
  },
);

it('passes over a disk of which the system tells nothing', () => {
  expect(diskFinding(undefined).outcome).toBe('skipped');
});

async function secretsOf(more: Readonly<Record<string, string>>) {
  const env = { ...PRODUCTION, ...more };
  return fileChecks(load(env), env)
    .find(({ name }) => name === 'secrets')
    ?.run();
}

it.each([
  ['HTTPS_PROXY', 'http://proxy.example.com:3128'],
  ['https_proxy', 'https://proxy.example.com:3129'],
])('does not take %s without a password for a secret', async (name, proxy) => {
  const found = await secretsOf({ [name]: proxy });
  expect(found?.words).toMatch(/MCP_KMS_KEY.* stand in the environment/);
  expect(found?.words).not.toMatch(/proxy/i);
});

it.each([
  ['HTTPS_PROXY', 'http://operator:made-up@proxy.example.com:3128'],
  ['http_proxy', 'http://operator:made-up@proxy.example.com:3128'],
  ['HTTP_PROXY', 'http://made-up-token@proxy.example.com:3128'],
])('advises a file for %s that holds what opens the proxy', async (name, proxy) => {
  const found = await secretsOf({ [name]: proxy });
  // By the name of which there is one with _FILE.
  const words = expect.stringMatching(new RegExp(`^${name.toUpperCase()}, .*stand in the environment`));
  expect(found).toMatchObject({ outcome: 'warned', words });
  expect(found?.words).not.toMatch(/made-up|proxy\.example/);
});
