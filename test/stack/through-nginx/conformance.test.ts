/**
 * The conformance suite through nginx, with plain balancing over three servers that know nothing of each other: nothing
 * of the protocol may depend on which of them answers.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startFixtureServer } from '../../conformance/fixture-server.js';
import { runSuite } from '../../conformance/suite.js';
import { makeCertificate } from '../../support/stack/certificate.js';
import { type Nginx, startNginx } from '../../support/stack/nginx.js';

// The suite asks for one more name, to see it refused by the servers.
const certificate = makeCertificate('evil.example.com');
let servers: Awaited<ReturnType<typeof startFixtureServer>>[] = [];
let nginx: Nginx;
beforeAll(async () => {
  servers = await Promise.all([startFixtureServer(), startFixtureServer(), startFixtureServer()]);
  nginx = await startNginx({
    replicaPorts: servers.map(({ url }) => Number(new URL(url).port)),
    certificate,
  });
  const authority = join(nginx.folder, 'ca.pem');
  writeFileSync(authority, certificate.ca);
  // Of the suite, which runs as a program of its own.
  vi.stubEnv('NODE_EXTRA_CA_CERTS', authority);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await nginx?.stop();
  await Promise.all(servers.map((server) => server.close()));
});

describe('the transport behind nginx', () => {
  it('passes every requirement of 2026-07-28, and every server has its share', async () => {
    const outcome = await runSuite(`${nginx.url}/mcp`, '2026-07-28');
    expect(outcome.failures, outcome.log).toEqual([]);
    expect(outcome.exitCode, outcome.log).toBe(0);
    expect(outcome.scenarios).toHaveLength(37);
    for (const { url } of servers) {
      const { port } = new URL(url);
      const share = nginx.accessLog().filter(({ upstream }) => upstream === `127.0.0.1:${port}`).length;
      expect(share, outcome.log).toBeGreaterThan(nginx.accessLog().length / 6);
    }
  });
});
