/**
 * What probes ask. Liveness never looks at dependencies, or an outage of one would restart every replica; nor does
 * readiness fail for one, or every replica would be taken out of service together.
 */
import type { FastifyInstance } from 'fastify';
import type { Degradable } from '../telemetry/port.js';

/** Where the process stands. */
export type Phase = 'starting' | 'ready' | 'draining';

/** Known at any time, without asking anybody. */
export interface Health {
  readonly phase: Phase;
  /** What it does without, or is short of, while it serves all the same. */
  readonly degraded: readonly Degradable[];
}

export interface HealthOptions {
  readonly health: Health;
  readonly version: string;
  /** Seconds since the process started. */
  readonly uptime: () => number;
  /** Whether limits and budgets are shared by all replicas or this process's own. */
  readonly limits: () => 'local' | 'shared';
}

export function healthRoutes({ health, version, uptime, limits }: HealthOptions) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get('/health', async () => ({
      status: 'ok',
      version,
      uptime_s: Math.floor(uptime()),
      limits: limits(),
      degraded: health.degraded,
    }));
    app.get('/health/live', async () => ({ status: 'live' }));
    app.get('/health/ready', async (_request, reply) => {
      const { phase, degraded } = health;
      return reply.code(phase === 'ready' ? 200 : 503).send({ status: phase, limits: limits(), degraded });
    });
  };
}
