/** What probes ask. Liveness never looks at dependencies, or an outage of one would restart every replica. */
import type { FastifyInstance } from 'fastify';

/** Where the process stands; the composition root moves it. */
export interface Lifecycle {
  phase: 'starting' | 'ready' | 'draining';
}

export interface HealthOptions {
  readonly lifecycle: Lifecycle;
  readonly version: string;
  /** Seconds since the process started. */
  readonly uptime: () => number;
  /** Whether limits and budgets are shared by all replicas or this process's own. */
  readonly limits: () => 'local' | 'shared';
}

export function healthRoutes({ lifecycle, version, uptime, limits }: HealthOptions) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get('/health', async () => ({
      status: 'ok',
      version,
      uptime_s: Math.floor(uptime()),
      limits: limits(),
    }));
    app.get('/health/live', async () => ({ status: 'live' }));
    app.get('/health/ready', async (_request, reply) => {
      const isReady = lifecycle.phase === 'ready';
      return reply.code(isReady ? 200 : 503).send({ status: lifecycle.phase, limits: limits() });
    });
  };
}
