/** What the findings come to: a status, and why. */
import { CRITICAL, type DetailedHealth } from '../http/health-schemas.js';

type Findings = Omit<DetailedHealth, 'status' | 'reasons'>;
type Reason = DetailedHealth['reasons'][number];

/** Parts of the disk in use above which the operator should act, and must. */
const DISK_WARN = 0.8;
const DISK_CRITICAL = 0.9;
/** Part of the memory limit above which the system may end the process at any time. */
const MEMORY_HIGH = 0.9;

export function diskStatus(usedRatio: number): 'ok' | 'warn' | 'critical' {
  if (usedRatio > DISK_CRITICAL) return 'critical';
  return usedRatio > DISK_WARN ? 'warn' : 'ok';
}

const IS_SO: Readonly<Record<Reason, (found: Findings) => boolean>> = {
  database_failed: ({ database }) => database.status === 'failed',
  disk_full: ({ disk }) => disk?.status === 'critical',
  starting: ({ server }) => server.phase === 'starting',
  draining: ({ server }) => server.phase === 'draining',
  redis_away: ({ redis }) => redis?.is_there === false,
  cache_failed: ({ cache }) => cache.status === 'failed',
  database_pool_exhausted: ({ database }) => (database.pool?.waiting ?? 0) > 0,
  pressure: ({ event_loop }) => event_loop.pressure,
  disk_filling: ({ disk }) => disk?.status === 'warn',
  memory_high: ({ memory }) =>
    memory.limit_bytes !== null && memory.process.rss_bytes > memory.limit_bytes * MEMORY_HIGH,
};

const isReason = (name: string): name is Reason => Object.hasOwn(IS_SO, name);

export function verdictOn(found: Findings): Pick<DetailedHealth, 'status' | 'reasons'> {
  const reasons = Object.keys(IS_SO)
    .filter(isReason)
    .filter((reason) => IS_SO[reason](found));
  const critical: readonly Reason[] = CRITICAL;
  if (reasons.some((reason) => critical.includes(reason))) return { status: 'critical', reasons };
  return { status: reasons.length > 0 ? 'degraded' : 'ok', reasons };
}
