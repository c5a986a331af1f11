import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { Readiness } from '../../../src/app/readiness.js';
import { healthRoutes } from '../../../src/http/health.js';

function subject() {
  const sources = {
    redis: { state: 'there' as 'away' | 'there' },
    database: { databaseAway: false },
    pressure: { lasts: false },
  };
  const shown = { ready: false, degraded: new Map<string, boolean>() };
  const readiness = new Readiness(sources, {
    setReady: (isReady) => {
      shown.ready = isReady;
    },
    setDegraded: (part, isDegraded) => void shown.degraded.set(part, isDegraded),
  });
  const app = Fastify();
  app.register(healthRoutes({ health: readiness, version: '1', uptime: () => 7.9, limits: () => 'shared' }));
  const ask = async (path: string) => {
    const response = await app.inject(path);
    return { code: response.statusCode, ...response.json() };
  };
  return { sources, shown, readiness, ask };
}

describe('a probe of readiness', () => {
  it('is refused before the server has become ready, and while it drains, with the reason', async () => {
    const { readiness, ask, shown } = subject();
    expect(await ask('/health/ready')).toMatchObject({ code: 503, status: 'starting' });
    expect(readiness.becomeReady()).toBe(true);
    expect(await ask('/health/ready')).toEqual({
      code: 200,
      status: 'ready',
      limits: 'shared',
      degraded: [],
    });
    expect(shown.ready).toBe(true);
    readiness.beginDraining();
    expect(await ask('/health/ready')).toMatchObject({ code: 503, status: 'draining' });
    expect(shown.ready).toBe(false);
  });

  it('is refused for good once the server drains, though the database is reached only then', async () => {
    const { readiness, ask } = subject();
    readiness.beginDraining();
    expect(readiness.becomeReady()).toBe(false);
    expect(await ask('/health/ready')).toMatchObject({ code: 503, status: 'draining' });
  });

  it('succeeds without Redis, without Postgres and under pressure, and says so', async () => {
    const { sources, readiness, ask, shown } = subject();
    readiness.becomeReady();
    sources.redis.state = 'away';
    expect(await ask('/health/ready')).toMatchObject({ code: 200, degraded: ['redis'] });
    sources.database.databaseAway = true;
    sources.pressure.lasts = true;
    expect(await ask('/health/ready')).toMatchObject({
      code: 200,
      degraded: ['redis', 'postgres', 'pressure'],
    });
    readiness.show();
    expect([...shown.degraded.values()]).toEqual([true, true, true]);
    sources.redis.state = 'there';
    sources.database.databaseAway = false;
    sources.pressure.lasts = false;
    expect(await ask('/health/ready')).toMatchObject({ code: 200, degraded: [] });
  });
});

describe('the other probes', () => {
  it('are answered whatever the state', async () => {
    const { sources, readiness, ask } = subject();
    const always = async (degraded: string[]) => {
      expect(await ask('/health')).toMatchObject({ code: 200, status: 'ok', uptime_s: 7, degraded });
      expect(await ask('/health/live')).toEqual({ code: 200, status: 'live' });
    };
    await always([]);
    readiness.becomeReady();
    sources.database.databaseAway = true;
    await always(['postgres']);
    readiness.beginDraining();
    await always(['postgres']);
  });
});
