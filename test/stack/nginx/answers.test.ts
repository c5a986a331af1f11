/** What is closed, and the answers that nginx gives itself: their form, their headers, and nothing of its version. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BODY_LIMIT } from '../../../src/http/server.js';
import { freePort } from '../../support/services/server-process.js';
import { makeCertificate } from '../../support/stack/certificate.js';
import { httpsClient, type WireAnswer, type WireRequest } from '../../support/stack/https-request.js';
import { type Nginx, startNginx } from '../../support/stack/nginx.js';
import { type StandIn, startStandIn } from '../../support/stack/stand-in.js';

const certificate = makeCertificate();
let replica: StandIn;
let nginx: Nginx;
let withoutReplica: Nginx;
let client: ReturnType<typeof httpsClient>;
beforeAll(async () => {
  replica = await startStandIn(({ url }, reply) => {
    if (url === '/mcp/busy') reply.writeHead(503, { 'retry-after': '7', 'x-request-id': 'another' });
    reply.end(`replica at ${url}`);
  });
  nginx = await startNginx({ replicaPorts: [replica.port], certificate });
  withoutReplica = await startNginx({ replicaPorts: [await freePort()], certificate });
  client = httpsClient(nginx.port, certificate);
});
afterAll(async () => {
  await nginx?.stop();
  await withoutReplica?.stop();
  await replica?.close();
});

const EVERY_ANSWER = {
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-request-id': expect.stringMatching(/^[\da-f]{32}$/),
  server: 'nginx',
};

const POST = { method: 'POST', path: '/mcp' };
const TOO_LARGE = { ...POST, body: ' '.repeat(BODY_LIMIT + 1) };
const TOO_LONG = { ...POST, headers: { 'x-long': 'a'.repeat(9_000) } };

describe('open', () => {
  it.each(['/mcp', '/mcp/My%20store%2F2?readonly=true', '/health', '/health/live', '/health/ready'])(
    '%s reaches a replica as it was sent',
    async (path) => {
      const answer = await client.send({ path });
      expect(answer.text).toBe(`replica at ${path}`);
      expect(answer.headers).toMatchObject(EVERY_ANSWER);
    },
  );

  it('a body of exactly the size that the server takes', async () => {
    expect(await client.send({ ...POST, body: ' '.repeat(BODY_LIMIT) })).toMatchObject({ status: 200 });
  });
});

describe('closed', () => {
  it.each([
    ...['/metrics', '/metrics/', '//metrics', '/%6detrics', '/./metrics', '/metrics?a=b', '/metrics%3Fa'],
    ...['/mcp/../metrics', '/mcp/%2e%2e/metrics', '/mcp/..%2fmetrics', '/health/../metrics', '/metrics%00'],
    ...['/metrics#/../mcp', '/METRICS', '/metrics;a', '/mcp/store/../../metrics', '/metrics%2f..%2fx'],
    ...[
      '/health/detailed',
      '//health/detailed',
      '/health//detailed',
      '/health/%64etailed',
      '/health/detailed/',
    ],
    ...['/health/live/../detailed', '/mcp/../health/detailed', '/', '/mcpx', '/error', '/nginx_status'],
  ])('%s', async (path) => {
    const before = replica.requests.length;
    const answer = await client.send({ path });
    expect([400, 404]).toContain(answer.status);
    expect(answer.headers).toMatchObject(EVERY_ANSWER);
    expect(replica.requests.length).toBe(before);
  });

  it('for a path that resolves to an open one: it is asked for by its plain name', async () => {
    expect((await client.send({ path: '/health/detailed/../live' })).text).toBe('replica at /health/live');
    expect((await client.send({ path: '//health/ready?detailed' })).text).toBe(
      'replica at /health/ready?detailed',
    );
  });
});

describe('an answer of nginx itself', () => {
  const cases: [string, WireRequest, number, number, string][] = [
    ['a body over the limit', TOO_LARGE, 413, -32600, 'payload_too_large'],
    ['a header over the limit', TOO_LONG, 400, -32600, 'invalid_request'],
    ['an address over the limit', { path: `/mcp?${'a'.repeat(9_000)}` }, 414, -32600, 'invalid_request'],
  ];
  it.each(cases)('to %s has the form of the server', async (_what, wire, status, code, name) => {
    const answer = await client.send(wire);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ ...EVERY_ANSWER, 'content-type': 'application/json' });
    if (status !== 414) expectJsonRpc(answer, code, name);
  });

  it('says that the outcome is unknown where no replica answers', async () => {
    const answer = await httpsClient(withoutReplica.port, certificate).send(POST);
    expect(answer.status).toBe(502);
    expect(answer.headers).toMatchObject({ ...EVERY_ANSWER, 'retry-after': '2' });
    expectJsonRpc(answer, -32603, 'internal');
    expect(answer.text).toContain('list_changes');
  });

  it('is a plain error outside of /mcp', async () => {
    const answer = await client.send({ path: '/metrics' });
    expect(JSON.parse(answer.text)).toEqual({
      error: {
        code: 'route_not_found',
        message: 'There is nothing at this address.',
        request_id: answer.headers['x-request-id'],
      },
    });
  });

  it('to plain HTTP on the port of TLS is one as well', async () => {
    const answer = await fetch(`http://localhost:${nginx.port}/health`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 'invalid_request' } });
  });
});

describe('an answer of the server', () => {
  it('keeps its words and its Retry-After, and has one request id', async () => {
    const answer = await client.send({ path: '/mcp/busy' });
    expect(answer).toMatchObject({ status: 503, text: 'replica at /mcp/busy' });
    expect(answer.headers).toMatchObject({ ...EVERY_ANSWER, 'retry-after': '7' });
  });
});

function expectJsonRpc({ headers, text }: WireAnswer, code: number, name: string): void {
  expect(JSON.parse(text)).toEqual({
    jsonrpc: '2.0',
    id: null,
    error: {
      code,
      message: expect.stringMatching(/\.$/),
      data: { code: name, request_id: headers['x-request-id'] },
    },
  });
}
