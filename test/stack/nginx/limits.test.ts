/** What one address may do before nginx turns it away, and whom it counts as one address. */
import { connect } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../support/stack/certificate.js';
import { httpsClient } from '../../support/stack/https-request.js';
import { startNginx } from '../../support/stack/nginx.js';
import type { AddressLimits } from '../../support/stack/nginx-files.js';
import { good, startStandIn } from '../../support/stack/stand-in.js';

const certificate = makeCertificate();
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function edge(limits: AddressLimits, answer = good, outerProxy?: string) {
  const replica = await startStandIn(answer);
  ends.push(replica.close);
  const nginx = await startNginx({
    replicaPorts: [replica.port],
    certificate,
    limits,
    ...(outerProxy === undefined ? {} : { outerProxy }),
  });
  ends.push(nginx.stop);
  return { ...httpsClient(nginx.port, certificate), port: nginx.port };
}

const FEW = { requestsPerSecond: 1, burst: 4, connections: 100 };
const MANY_AT_ONCE = Array.from({ length: 16 }, (_, index) => index);

describe('more requests than an address may send', () => {
  it('are answered with 429, Retry-After and a JSON-RPC error, and other addresses are served', async () => {
    const client = await edge(FEW);
    const call = { method: 'POST', path: '/mcp', body: '{}' };
    const answers = await Promise.all(MANY_AT_ONCE.map(() => client.send({ ...call, from: '127.0.0.2' })));
    const refused = answers.filter(({ status }) => status === 429);
    const served = answers.filter(({ status }) => status === 200);
    expect(served.length).toBeGreaterThanOrEqual(5);
    expect(served.length + refused.length).toBe(MANY_AT_ONCE.length);
    expect(refused.length).toBeGreaterThan(0);
    for (const { headers, text } of refused) {
      expect(headers).toMatchObject({ 'retry-after': '1', 'strict-transport-security': 'max-age=31536000' });
      expect(JSON.parse(text)).toMatchObject({
        jsonrpc: '2.0',
        id: null,
        error: { code: -32603, data: { code: 'rate_limited', request_id: headers['x-request-id'] } },
      });
    }
    expect(await client.send({ ...call, from: '127.0.0.3' })).toMatchObject({ status: 200 });
  });

  it('are counted for the /64 of an IPv6 client as one', async () => {
    const trusting =
      'set_real_ip_from 127.0.0.0/8;\nreal_ip_header X-Forwarded-For;\nreal_ip_recursive on;\n';
    const client = await edge(FEW, good, trusting);
    const statusOf = async (address: string) =>
      (await client.send({ path: '/health', headers: { 'x-forwarded-for': address } })).status;
    const ofOneNetwork = await Promise.all(
      MANY_AT_ONCE.map((index) => statusOf(`2001:db8:0:1:${index}:5:6:7`)),
    );
    expect(ofOneNetwork).toContain(429);
    expect(await statusOf('2001:db8:0:2::1')).toBe(200);
    expect(await statusOf('192.0.2.1')).toBe(200);
  });
});

describe('more requests under way than an address may have', () => {
  it('are answered with 429 until one has ended', async () => {
    const waiting: (() => void)[] = [];
    const client = await edge(
      { requestsPerSecond: 1_000, burst: 1_000, connections: 2 },
      (request, reply) => {
        if (request.url === '/mcp') waiting.push(() => reply.end('done'));
        else reply.end('good');
      },
    );
    const slow = [1, 2].map(() => client.send({ method: 'POST', path: '/mcp', from: '127.0.0.2' }));
    await expect.poll(() => waiting).toHaveLength(2);
    expect(await client.send({ path: '/health', from: '127.0.0.2' })).toMatchObject({ status: 429 });
    expect(await client.send({ path: '/health', from: '127.0.0.3' })).toMatchObject({ status: 200 });
    for (const end of waiting) end();
    expect((await Promise.all(slow)).map(({ text }) => text)).toEqual(['done', 'done']);
    await expect
      .poll(async () => (await client.send({ path: '/health', from: '127.0.0.2' })).status)
      .toBe(200);
  });
});

describe('bodies that do not fit into memory', () => {
  const MOST = 16;
  const PLENTY = { requestsPerSecond: 1_000, burst: 1_000, connections: 100 };
  const CALL = { method: 'POST', path: '/mcp', from: '127.0.0.2' };

  /**
   * Sends most of a large body, and of the rest as little as keeps nginx waiting.
   * @returns the socket, and the first line that it was answered with
   */
  function half(port: number) {
    const socket = connect({
      ...{ host: '127.0.0.1', port, localAddress: CALL.from },
      ...{ servername: 'localhost', ca: certificate.ca },
    });
    ends.push(async () => void socket.destroy());
    const request = { socket, answer: '' };
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (text: string) => {
      request.answer ||= text.split('\r\n', 1)[0] ?? '';
    });
    socket.write(`POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n`);
    socket.write('x'.repeat(900_000));
    const more = setInterval(() => request.answer === '' && socket.write('x'), 2_000);
    socket.once('close', () => clearInterval(more));
    return request;
  }

  it('are under way so many for an address, whatever their clients wait for', async () => {
    const client = await edge(PLENTY);
    const large = { ...CALL, body: 'x'.repeat(100_000) };
    // Twice as many as there is room for: when half of them were refused, the others are what nginx holds.
    const halves = Array.from({ length: 2 * MOST }, () => half(client.port));
    const refused = () => halves.filter(({ answer }) => answer === 'HTTP/1.1 429 Too Many Requests');
    await expect.poll(refused).toHaveLength(MOST);
    expect(await client.send(large)).toMatchObject({ status: 429 });
    const ofUnknownLength = { ...CALL, headers: { 'transfer-encoding': 'chunked' }, body: 'x' };
    expect(await client.send(ofUnknownLength)).toMatchObject({ status: 429 });
    expect(await client.send({ ...CALL, body: 'x'.repeat(60_000) })).toMatchObject({ status: 200 });
    expect(await client.send({ path: '/health', from: CALL.from })).toMatchObject({ status: 200 });
    expect(await client.send({ ...large, from: '127.0.0.3' })).toMatchObject({ status: 200 });
    expect(halves.filter(({ answer }) => answer === '')).toHaveLength(MOST);
    for (const { socket } of halves) socket.destroy();
    await expect.poll(async () => (await client.send(large)).status).toBe(200);
  });
});
