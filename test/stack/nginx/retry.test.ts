/** Which requests go to a second replica: those that were never sent, and those that only read. */
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../support/services/server-process.js';
import { makeCertificate } from '../../support/stack/certificate.js';
import { httpsClient } from '../../support/stack/https-request.js';
import { startNginx } from '../../support/stack/nginx.js';
import { good, startStandIn } from '../../support/stack/stand-in.js';

const certificate = makeCertificate();
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Dies with each request, after it has got all of it. */
const dying = async () => {
  const replica = await startStandIn((request) => request.socket.destroy());
  ends.push(replica.close);
  return replica;
};

const living = async () => {
  const replica = await startStandIn(good);
  ends.push(replica.close);
  return replica;
};

const edgeOf = async (...replicaPorts: number[]) => {
  const nginx = await startNginx({ replicaPorts, certificate });
  ends.push(nginx.stop);
  return { nginx, client: httpsClient(nginx.port, certificate) };
};

describe('a replica that dies in the middle of a request', () => {
  it('gets a POST alone: nobody else is asked, and the answer is 502', async () => {
    const replicas = await Promise.all([dying(), dying(), dying()]);
    const { client } = await edgeOf(...replicas.map(({ port }) => port));
    const answer = await client.send({ method: 'POST', path: '/mcp', body: '{"write":1}' });
    expect(answer.status).toBe(502);
    expect(replicas.flatMap(({ requests }) => requests)).toHaveLength(1);
  });

  it('costs a GET nothing: the next one is asked', async () => {
    const [dead, alive] = [await dying(), await living()];
    const { client } = await edgeOf(dead.port, alive.port);
    const answers = await Promise.all([1, 2, 3, 4].map(() => client.send({ path: '/health' })));
    expect(answers.map(({ text }) => text)).toEqual(['good', 'good', 'good', 'good']);
    expect(dead.requests.length).toBeGreaterThan(0);
  });
});

describe('a replica that refuses connections', () => {
  it('costs a POST nothing, and is left out after two attempts', async () => {
    const [gone, alive] = [await freePort(), await living()];
    const { nginx, client } = await edgeOf(gone, alive.port);
    const start = performance.now();
    for (let sent = 0; sent < 10; sent += 1) {
      expect(await client.send({ method: 'POST', path: '/mcp', body: '{}' })).toMatchObject({ status: 200 });
    }
    expect(alive.requests).toHaveLength(10);
    await expect.poll(() => nginx.accessLog()).toHaveLength(10);
    const attempts = nginx.accessLog().filter(({ upstream }) => upstream.includes(`:${gone}`));
    expect(attempts.length).toBeGreaterThan(0);
    // Two, and one whenever three seconds have passed.
    expect(attempts.length).toBeLessThanOrEqual(2 + Math.ceil((performance.now() - start) / 3_000));
  });

  it('is used again when it is back, though all had been away', async () => {
    const port = await freePort();
    const { client } = await edgeOf(port, await freePort());
    for (let sent = 0; sent < 4; sent += 1) {
      expect(await client.send({ method: 'POST', path: '/mcp' })).toMatchObject({ status: 502 });
    }
    const back = await startStandIn(good, port);
    ends.push(back.close);
    await expect.poll(async () => (await client.send({ method: 'POST', path: '/mcp' })).status).toBe(200);
  });
});

describe('/health/ready', () => {
  it('is 503 only when no replica is ready', async () => {
    let secondIsReady = true;
    const unready = await startStandIn((_request, reply) => reply.writeHead(503).end('draining'));
    const other = await startStandIn((_request, reply) =>
      reply.writeHead(secondIsReady ? 200 : 503).end('here'),
    );
    ends.push(unready.close, other.close);
    const { client } = await edgeOf(unready.port, other.port);
    const statuses = await Promise.all([1, 2, 3, 4].map(() => client.send({ path: '/health/ready' })));
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(unready.requests.length).toBeGreaterThan(0);
    secondIsReady = false;
    expect([502, 503]).toContain((await client.send({ path: '/health/ready' })).status);
  });

  it('takes no replica out for calls, however often it is asked while none is ready', async () => {
    const unready = () =>
      startStandIn(({ url }, reply) => {
        reply.writeHead(url === '/health/ready' ? 503 : 200).end(`${url}`);
      });
    const replicas = [await unready(), await unready()];
    ends.push(...replicas.map(({ close }) => close));
    const { client } = await edgeOf(...replicas.map(({ port }) => port));
    for (let asked = 0; asked < 4; asked += 1) {
      expect(await client.send({ path: '/health/ready' })).toMatchObject({ status: 503 });
    }
    const calls = await Promise.all([1, 2, 3, 4].map(() => client.send({ method: 'POST', path: '/mcp' })));
    expect(calls.map(({ text }) => text)).toEqual(['/mcp', '/mcp', '/mcp', '/mcp']);
  });

  it('does not send a call to a second replica because the first is busy', async () => {
    const busy = await startStandIn((_request, reply) => reply.writeHead(503).end('busy'));
    ends.push(busy.close);
    const { client } = await edgeOf(busy.port, busy.port);
    expect(await client.send({ method: 'POST', path: '/mcp' })).toMatchObject({ status: 503, text: 'busy' });
    expect(busy.requests).toHaveLength(1);
  });
});
