import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFixtureServer } from './fixture-server.js';
import { runSuite } from './suite.js';

/**
 * In these four the server sends a request to its client in the middle of a call. That takes a session which ties the
 * client's answer to the waiting call, and this server keeps none: any replica can answer any request.
 */
const NEEDS_A_SESSION = [
  'elicitation-sep1034-defaults',
  'elicitation-sep1330-enums',
  'tools-call-elicitation',
  'tools-call-sampling',
];

describe('the transport, with the fixture catalogue mounted', () => {
  let server: Awaited<ReturnType<typeof startFixtureServer>>;
  beforeAll(async () => {
    server = await startFixtureServer();
  });
  afterAll(() => server.close());

  it('passes every requirement of 2026-07-28, with no baseline', async () => {
    const outcome = await runSuite(server.url, '2026-07-28');
    expect(outcome.failures, outcome.log).toEqual([]);
    expect(outcome.exitCode, outcome.log).toBe(0);
    expect(outcome.scenarios).toHaveLength(37);
  });

  it('passes 2025-11-25 but for the four scenarios in which a server calls its client', async () => {
    const outcome = await runSuite(server.url, '2025-11-25');
    const failing = new Set(outcome.failures.map((check) => check.split(':')[0]));
    expect([...failing], outcome.log).toEqual(NEEDS_A_SESSION);
    expect(outcome.scenarios).toHaveLength(30);
  });
});
