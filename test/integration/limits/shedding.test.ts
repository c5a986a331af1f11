import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { healthRoutes } from '../../../src/http/health.js';
import { mcpRoute } from '../../../src/http/mcp-route.js';
import { metricsRoute } from '../../../src/http/metrics-route.js';
import { createHttpServer } from '../../../src/http/server.js';
import { type LoopSample, Pressure, sampleEventLoop, shedding } from '../../../src/http/shedding.js';
import { createWaits } from '../../../src/telemetry/waits.js';
import { anybody } from '../../support/bare-server.js';
import { testLimits } from '../../support/limits.js';
import { legacy } from '../../support/mcp-messages.js';

const LIMITS = { maxDelayMs: 1_000, maxUtilization: 0.98 };
const CALM: LoopSample = { delayMs: 5, utilization: 0.4 };
const SLOW: LoopSample = { delayMs: 1_001, utilization: 0.4 };
const BUSY: LoopSample = { delayMs: 5, utilization: 0.99 };

describe('pressure', () => {
  it.each([
    ['delay', SLOW],
    ['utilization', BUSY],
  ])('by %s counts once it has lasted for three samples, until the first calm one', (_, sample) => {
    const pressure = new Pressure(LIMITS);
    pressure.add(sample);
    pressure.add(sample);
    expect(pressure.lasts).toBe(false);
    pressure.add(sample);
    expect(pressure.lasts).toBe(true);
    pressure.add(CALM);
    expect(pressure.lasts).toBe(false);
  });

  it('is not what comes and goes, nor one pause that left no measurement', () => {
    const pressure = new Pressure(LIMITS);
    for (const sample of [BUSY, BUSY, CALM, SLOW, BUSY, CALM]) pressure.add(sample);
    expect(pressure.lasts).toBe(false);
    pressure.add({ delayMs: Number.POSITIVE_INFINITY, utilization: 1 });
    expect(pressure.lasts).toBe(false);
  });
});

describe('a server under pressure', () => {
  const servers: ReturnType<typeof createHttpServer>[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  const newServer = () => {
    const app = createHttpServer({
      logger: pino({ level: 'silent' }),
      trustProxy: [],
      observeRequest: () => {},
      observeUnreadable: () => {},
      waits: createWaits(),
      isDraining: () => false,
    });
    servers.push(app);
    return app;
  };

  it('turns calls away before it looks at their keys, and goes on answering probes and scrapes', async () => {
    const pressure = { lasts: false };
    const app = newServer();
    let shed = 0;
    let authenticated = 0;
    const hostOrigin = {
      hostNames: new Set(['localhost']),
      origins: new Set<string>(),
      loopbackOrigins: true,
    };
    await app.register(
      mcpRoute({
        leg: { handle: async () => ({ kind: 'json', status: 200, body: '{}' }) },
        authenticator: {
          authenticate: async (header) => {
            authenticated += 1;
            return anybody.authenticate(header);
          },
          hasProof: () => true,
        },
        directory: { resolve: () => Promise.reject(new Error('not asked')) },
        hostOrigin,
        limits: testLimits().limits,
        shed: shedding(pressure, () => {
          shed += 1;
        }),
        onAuthAttempt: () => {},
      }),
    );
    await app.register(
      healthRoutes({
        health: { phase: 'ready', degraded: [] },
        version: '0',
        uptime: () => 1,
        limits: () => 'local',
      }),
    );
    await app.register(
      metricsRoute({ contentType: 'text/plain', text: async () => 'up 1\n' }, { kind: 'open' }, hostOrigin),
    );
    const call = () =>
      app.inject({
        method: 'POST',
        url: '/mcp',
        headers: { ...legacy('ping').headers, host: 'localhost' },
        body: JSON.stringify(legacy('ping').body),
      });

    expect((await call()).statusCode).toBe(200);
    pressure.lasts = true;
    const refused = await call();
    expect(refused.statusCode).toBe(503);
    expect(refused.headers['retry-after']).toBe('3');
    expect(refused.json()).toMatchObject({
      jsonrpc: '2.0',
      id: null,
      error: { data: { code: 'overloaded', retry_after_s: 3 } },
    });
    expect({ shed, authenticated }).toEqual({ shed: 1, authenticated: 1 });
    for (const url of ['/health', '/health/live', '/health/ready', '/metrics']) {
      expect((await app.inject({ url })).statusCode, url).toBe(200);
    }
    pressure.lasts = false;
    expect((await call()).statusCode).toBe(200);
  });

  it('measures the loop of its own process', async () => {
    const app = newServer();
    const samples: LoopSample[] = [];
    const pressure = new Pressure(LIMITS);
    vi.spyOn(pressure, 'add').mockImplementation((sample) => samples.push(sample));
    await sampleEventLoop(app, pressure);
    await app.ready();
    await vi.waitFor(() => expect(samples.length).toBeGreaterThanOrEqual(2), { timeout: 10_000 });
    const last = samples.at(-1);
    expect(last?.utilization).toBeGreaterThan(0);
    expect(last?.utilization).toBeLessThanOrEqual(1);
    expect(last?.delayMs).toBeGreaterThanOrEqual(0);
  });
});
