/** What is open without a token on a developer's machine is not for web pages: foreign hosts and origins are refused. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../support/test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ stores: [] });
});
afterAll(() => server.close());

/** With the Host header as given, which `fetch` would not send. */
async function get(path: string, headers: Record<string, string>) {
  const sent = request(new URL(path, server.url), { headers, agent: false }).end();
  const [reply]: IncomingMessage[] = await once(sent, 'response');
  if (reply === undefined) throw new Error('no answer');
  return { status: reply.statusCode, body: await text(reply) };
}

describe.each([
  ['/metrics', 'process_cpu_seconds_total'],
  ['/health/detailed', '"uptime_s"'],
])('%s without a token', (path, content) => {
  it.each([
    ['a name that a page has pointed here', { host: 'rebound.example' }, 'host_not_allowed'],
    ['the same with a port', { host: 'rebound.example:3000' }, 'host_not_allowed'],
    ['a page of another origin', { origin: 'https://rebound.example' }, 'origin_not_allowed'],
    ['a page without an origin', { origin: 'null' }, 'origin_not_allowed'],
  ])('refuses %s', async (_who, headers, code) => {
    const { status, body } = await get(path, { host: 'localhost', ...headers });
    expect(status).toBe(403);
    expect(body).toContain(code);
    expect(body).not.toContain(content);
  });

  it.each([
    { host: 'localhost' },
    { host: '127.0.0.1:3000' },
    { host: '[::1]' },
    { host: 'localhost', origin: 'http://localhost:5173' },
  ])('answers %o', async (headers) => {
    const { status, body } = await get(path, headers);
    expect(status).toBe(200);
    expect(body).toContain(content);
  });
});
