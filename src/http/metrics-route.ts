/** `/metrics` for Prometheus. */
import type { FastifyInstance } from 'fastify';
import { bearerCheck, type TokenAccess } from './bearer.js';

export interface MetricsSource {
  readonly contentType: string;
  text(): Promise<string>;
}

export function metricsRoute(source: MetricsSource, access: TokenAccess) {
  return async (app: FastifyInstance): Promise<void> => {
    if (access.kind === 'closed') return;
    const check = bearerCheck(access, 'Metrics need the token of METRICS_TOKEN as Authorization: Bearer.');
    app.get('/metrics', async (request, reply) => {
      check(request);
      return reply.type(source.contentType).send(await source.text());
    });
  };
}
