/** Memory of the process, of the machine, and of the control group that a container is. */
import { freemem, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { DetailedHealth } from '../http/health-schemas.js';

export function memoryNow(): DetailedHealth['memory'] {
  const { rss, heapUsed, external } = process.memoryUsage();
  const total = totalmem();
  return {
    process: {
      rss_bytes: rss,
      heap_used_bytes: heapUsed,
      heap_limit_bytes: getHeapStatistics().heap_size_limit,
      external_bytes: external,
    },
    system: { total_bytes: total, free_bytes: freemem() },
    limit_bytes: limitBelow(total),
  };
}

/** Node says 0 where it does not know, and a number beyond all memory where there is no limit. */
function limitBelow(total: number): number | null {
  const limit = process.constrainedMemory() ?? 0;
  return limit > 0 && limit < total ? limit : null;
}
