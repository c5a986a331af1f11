/** What passes between a client and the real server: addresses, ids, bodies, streams; and what is logged of it. */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { legacy } from '../../support/mcp-messages.js';
import { makeCertificate } from '../../support/stack/certificate.js';
import { httpsClient } from '../../support/stack/https-request.js';
import { type Nginx, startNginx } from '../../support/stack/nginx.js';
import { startStandIn } from '../../support/stack/stand-in.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORE = { id: '801', apiKey: 'sandbox-key-801', name: 'Edge', timeZone: 'UTC', seed: 1 };
const FAILURES = 4;
const certificate = makeCertificate();

let server: TestServer;
let nginx: Nginx;
let client: ReturnType<typeof httpsClient>;
let key: string;
let serverLog = '';
beforeAll(async () => {
  const lines = new Writable({
    write(chunk, _encoding, done) {
      serverLog += chunk;
      done();
    },
  });
  server = await startTestServer({
    stores: [STORE],
    log: pino({ level: 'info' }, lines),
    env: {
      TRUST_PROXY: '127.0.0.1/32',
      MCP_LIMIT_ADDRESS_FAILURES_BURST: `${FAILURES}`,
      MCP_LIMIT_ADDRESS_FAILURES_RATE: '0.1',
    },
  });
  ({ key } = await server.addTenant('edge', '801'));
  nginx = await startNginx({ replicaPorts: [Number(new URL(server.url).port)], certificate });
  client = httpsClient(nginx.port, certificate);
});
afterAll(async () => {
  await nginx?.stop();
  await server?.close();
});

const call = (name: string, args: Record<string, unknown> = {}) => {
  const { headers, body } = legacy('tools/call', { name, arguments: args });
  return { method: 'POST', path: '/mcp', headers, body: JSON.stringify(body) };
};
const withKey = (wire: ReturnType<typeof call>) => ({
  ...wire,
  headers: { ...wire.headers, authorization: `Bearer ${key}` },
});

describe("a client's address", () => {
  const attempt = async (from: string, claimed?: string) => {
    const wire = call('list_stores');
    const headers = { ...wire.headers, authorization: 'Bearer odm_live_wrong' };
    return client.send({
      ...wire,
      from,
      headers:
        claimed === undefined
          ? headers
          : { ...headers, 'x-forwarded-for': claimed, 'x-real-ip': claimed, forwarded: `for=${claimed}` },
    });
  };

  it('is what the server counts failures by, whatever the client claims', async () => {
    for (let failed = 0; failed < FAILURES; failed += 1) {
      expect(await attempt('127.0.0.2', `192.0.2.${failed}`)).toMatchObject({ status: 401 });
    }
    expect(await attempt('127.0.0.2')).toMatchObject({ status: 429 });
    expect(await attempt('127.0.0.2', '192.0.2.99')).toMatchObject({ status: 429 });
    expect(await attempt('127.0.0.3')).toMatchObject({ status: 401 });
    expect(await attempt('127.0.0.3', '127.0.0.2')).toMatchObject({ status: 401 });
  });
});

describe('a request id', () => {
  it('is the same in the answer and in both logs, and not of the client', async () => {
    const wire = withKey(call('list_stores'));
    const answer = await client.send({
      ...wire,
      headers: { ...wire.headers, 'x-request-id': 'chosen-by-the-client' },
    });
    expect(answer.status).toBe(200);
    const id = answer.headers['x-request-id'];
    expect(id).toMatch(/^[\da-f]{32}$/);
    await expect.poll(() => nginx.accessLog().some((entry) => entry.request_id === id)).toBe(true);
    await expect.poll(() => serverLog).toContain(`"request_id":"${id}"`);
    expect(serverLog).not.toContain('chosen-by-the-client');
  });
});

describe('the access log', () => {
  it('has one entry a request, with the replica and the times, and no path, query or key', async () => {
    const before = nginx.accessLog().length;
    const wire = withKey(call('list_stores'));
    await client.send({ ...wire, path: '/mcp/Edge?readonly=true&exclude=get_order' });
    await client.send({ ...wire, path: '/mcp?key=odm_live_in_the_address' });
    await client.send({ ...wire, path: '/odm_live_in_the_path' });
    await expect.poll(() => nginx.accessLog().length).toBe(before + 3);
    // Two workers may write in another order than they answered.
    const entries = nginx.accessLog().slice(before);
    const [inStore, inAddress, elsewhere] = ['/mcp/{store}', '/mcp', 'other'].map((route) =>
      entries.find((entry) => entry.route === route),
    );
    const port = new URL(server.url).port;
    expect(inStore).toMatchObject({
      ...{ client: '127.0.0.1', method: 'POST', route: '/mcp/{store}', status: 200, completed: 'OK' },
      ...{ tls: 'TLSv1.3', upstream: `127.0.0.1:${port}`, upstream_status: '200' },
      upstream_s: expect.stringMatching(/^\d+\.\d{3}$/),
    });
    expect(inAddress).toMatchObject({ route: '/mcp', status: 400 });
    expect(elsewhere).toMatchObject({ route: 'other', status: 404, upstream: '' });
    const everything = JSON.stringify(nginx.accessLog()) + nginx.errorLog();
    for (const secret of ['odm_live', 'readonly', 'Edge', key]) expect(everything).not.toContain(secret);
  });

  it('is all there is of a replica that is away: the error log holds no request line', async () => {
    const [port] = [Number(new URL(server.url).port)];
    const gone = await startStandIn(() => {});
    await gone.close();
    await nginx.setReplicas([gone.port]);
    const answer = await client.send({ ...call('list_stores'), path: '/mcp?odm_live_in_the_address' });
    expect(answer.status).toBe(502);
    await expect
      .poll(() => nginx.accessLog().at(-1))
      .toMatchObject({
        status: 502,
        method: 'POST',
        route: '/mcp',
        upstream: `127.0.0.1:${gone.port}`,
        upstream_status: '502',
      });
    expect(nginx.errorLog()).not.toContain('odm_live');
    await nginx.setReplicas([port]);
  });
});

describe('an event stream', () => {
  it('reaches the client event by event', async () => {
    const sent: (() => void)[] = [];
    const streaming = await startStandIn((_request, reply) => {
      reply.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
      reply.write('data: first\n\n');
      sent.push(() => reply.end('data: last\n\n'));
    });
    await nginx.setReplicas([streaming.port]);
    const answer = await client.open({ method: 'POST', path: '/mcp', body: '{}' });
    const pieces = answer.setEncoding('utf8').iterator({ destroyOnReturn: false });
    expect(await pieces.next()).toMatchObject({ value: 'data: first\n\n' });
    for (const end of sent) end();
    expect(await pieces.next()).toMatchObject({ value: 'data: last\n\n' });
    expect(answer.headers).not.toHaveProperty('x-accel-buffering');
    await streaming.close();
  });
});
