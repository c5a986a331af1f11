/** What is measured of the database, of Redis and of the disk. */
import { Gauge, Histogram, type Registry } from 'prom-client';
import type { PoolUse, StorageMetrics } from './port.js';

/** From a statement on rows in memory to one that the server ends, in seconds. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** The embedded database has no pool. */
const NO_POOL: PoolUse = { inUse: 0, idle: 0, waiting: 0, max: 0 };

export function createStorageMetrics(registry: Registry): StorageMetrics {
  const registers = [registry];
  const statements = new Histogram({
    name: 'db_query_duration_seconds',
    help: 'Time that statements took, by whose work they did: that of a tenant, or the system job.',
    labelNames: ['work', 'outcome'],
    buckets: BUCKETS,
    registers,
  });
  const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(await read());
      },
    });
  let pool = () => NO_POOL;
  new Gauge({
    name: 'db_pool_connections',
    help: 'Connections to Postgres, in use and idle; 0 on the embedded database.',
    labelNames: ['state'],
    registers,
    collect() {
      const { inUse, idle } = pool();
      this.set({ state: 'in_use' }, inUse);
      this.set({ state: 'idle' }, idle);
    },
  });
  gauge(
    'db_pool_waiting',
    'Work that waits for a connection to Postgres; 0 on the embedded database.',
    () => pool().waiting,
  );
  gauge(
    'db_pool_max',
    'Connections to Postgres that this process opens at most; 0 on the embedded database.',
    () => pool().max,
  );
  return {
    observeStatement({ work, outcome, durationMs }) {
      statements.observe({ work, outcome }, durationMs / 1000);
    },
    watchPool(use) {
      pool = use;
    },
    // Registered only when there is something to watch: a 0 would say that something is away.
    watchRedis(use) {
      gauge('redis_up', 'Whether Redis is there: 1 or 0. Absent where none is configured.', () =>
        use().isThere ? 1 : 0,
      );
      gauge(
        'redis_queue_length',
        'Commands that wait for an answer of Redis. Absent where none is configured.',
        () => use().queued,
      );
    },
    watchDisk(usedRatio) {
      gauge(
        'disk_used_ratio',
        'Used part of the file system of DATA_DIR, from 0 to 1; NaN where the system does not tell.',
        async () => (await usedRatio()) ?? Number.NaN,
      );
    },
  };
}
