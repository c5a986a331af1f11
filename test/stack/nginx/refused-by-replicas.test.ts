/**
 * What a stranger sends so that replicas fail: nothing of it may take one out for others. The real server answers. Whether
 * nginx would see a reset is a matter of moments; `security/hostile/unread-bodies.test.ts` is certain that there is none.
 */
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BareEdge, startBareEdge } from '../../support/bare-edge.js';
import { makeCertificate } from '../../support/stack/certificate.js';
import { httpsClient } from '../../support/stack/https-request.js';
import { type Nginx, startNginx } from '../../support/stack/nginx.js';

const certificate = makeCertificate();
const MB = 1024 * 1024;

let replicas: readonly BareEdge[] = [];
let nginx: Nginx;
let client: ReturnType<typeof httpsClient>;
beforeAll(async () => {
  replicas = [await startBareEdge(), await startBareEdge()];
  nginx = await startNginx({ replicaPorts: replicas.map(({ port }) => port), certificate });
  client = httpsClient(nginx.port, certificate);
});
afterAll(async () => {
  await nginx?.stop();
  for (const { close } of replicas) await close();
});

/** Sends a request as it stands; the status of the answer. */
const send = (requestLine: string, lines: readonly string[], size = MB) =>
  new Promise<number>((resolve) => {
    const head = [requestLine, 'Host: localhost', 'Connection: close', ...lines, `Content-Length: ${size}`];
    const socket = connect(
      { port: nginx.port, host: '127.0.0.1', servername: 'localhost', ca: certificate.ca },
      () => socket.write(`${head.join('\r\n')}\r\n\r\n${'x'.repeat(size)}`),
    );
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    // nginx may close on a body that it does not want; what it said before counts.
    socket.on('error', () => {});
    socket.once('close', () => resolve(Number(answer.split(' ')[1] ?? 0)));
  });

/** So many at once, and again, that a reset would hardly go unseen. */
const AT_ONCE = 8;
const MANY = 4 * AT_ONCE;

/** The statuses of many requests with large bodies. */
async function flood(requestLine: string, ...lines: readonly string[]): Promise<ReadonlySet<number>> {
  const statuses: number[] = [];
  while (statuses.length < MANY) {
    const some = Array.from({ length: AT_ONCE }, () => send(requestLine, lines));
    statuses.push(...(await Promise.all(some)));
  }
  return new Set(statuses);
}

/** What others get, and which replicas failed for it. */
async function expectAllWell(before: number, sent: number): Promise<void> {
  const answers = await Promise.all(
    [1, 2, 3, 4].map(() => client.send({ path: '/health', from: '127.0.0.2' })),
  );
  expect(answers.map(({ text }) => text)).toEqual(['well', 'well', 'well', 'well']);
  await expect.poll(() => nginx.accessLog().length).toBe(before + sent + 4);
  const entries = nginx.accessLog().slice(before);
  // A second replica is asked, or 502 answered, where the first has failed.
  expect(entries.filter(({ upstream, status }) => upstream.includes(',') || status >= 500)).toEqual([]);
}

describe('a head that nginx takes and the server does not', () => {
  it('is answered by the server, and counts against no replica, however large its body', async () => {
    const before = nginx.accessLog().length;
    expect(await flood('GET /mcp HTTP/1.1', 'X: \u0001')).toEqual(new Set([400]));
    expect(nginx.accessLog().at(-1)?.upstream).not.toBe('');
    await expectAllWell(before, MANY);
  });
});

describe('an early refusal of a large body', () => {
  it.each([false, true])('counts against no replica; draining: %s', async (draining) => {
    for (const each of replicas) each.isDraining = draining;
    const before = nginx.accessLog().length;
    expect(await flood('POST /mcp HTTP/1.1')).toEqual(new Set([404]));
    for (const each of replicas) each.isDraining = false;
    await expectAllWell(before, MANY);
  });
});

describe('what nginx refuses itself', () => {
  it.each([
    ['a method that the server does not know', 'FOO /mcp HTTP/1.1', [], 405, 'other'],
    ['one that it knows and has no use for', 'PUT /mcp HTTP/1.1', [], 405, 'PUT'],
    [
      'more headers than the server reads',
      'POST /mcp HTTP/1.1',
      [1, 2, 3, 4].map((n) => `X-${n}: ${'x'.repeat(3_900)}`),
      400,
      'POST',
    ],
  ])('troubles no replica: %s', async (_what, requestLine, lines, status, method) => {
    const before = nginx.accessLog().length;
    expect(await send(requestLine, lines, 10)).toBe(status);
    await expect.poll(() => nginx.accessLog().length).toBe(before + 1);
    expect(nginx.accessLog().at(-1)).toMatchObject({ status, method, upstream: '', route: '/mcp' });
  });

  it('says for a method which ones there are', async () => {
    const answer = await client.send({ path: '/mcp', method: 'PATCH' });
    expect(answer.headers.allow).toBe('GET, HEAD, POST, DELETE, OPTIONS');
    expect(JSON.parse(answer.text)).toMatchObject({
      error: { code: -32600, data: { code: 'method_not_allowed' } },
    });
  });

  it('is less than what the server takes: the largest head that passes is read', async () => {
    const lines = [1, 2, 3].map((n) => `X-${n}: ${'x'.repeat(4_060)}`);
    expect(await send('POST /mcp HTTP/1.1', [`X-0: ${'x'.repeat(800)}`, ...lines], 10)).toBe(404);
  });
});
