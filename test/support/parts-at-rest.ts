/** The parts of a server that has nothing to do and lacks nothing. */
import type { Parts } from '../../src/app/parts.js';
import { createMemoryCache } from '../../src/cache/memory.js';

export const partsAtRest = (change: Partial<Parts> = {}): Parts => ({
  health: { phase: 'ready', degraded: [] },
  database: {
    asTenant: () => Promise.reject(new Error('no tenant is asked for')),
    asSystem: () => Promise.reject(new Error('no system job is asked for')),
    close: async () => {},
  },
  poolUse: () => undefined,
  cache: createMemoryCache(),
  redisUse: () => undefined,
  limiterMode: () => 'local',
  upstreamPool: () => ({ connected: 0, free: 0, pending: 0, running: 0, queued: 0 }),
  hashes: () => ({ running: 0, waiting: 0 }),
  requestsInFlight: () => 1,
  disk: async () => ({ usedRatio: 0.5, freeBytes: 1 }),
  loop: { latest: undefined, lasts: false },
  ...change,
});
