/** `/metrics` for Prometheus. */
import type { FastifyInstance } from 'fastify';
import { accessCheck, type TokenAccess } from './bearer.js';
import type { HostOriginPolicy } from './host-origin.js';

export interface MetricsSource {
  readonly contentType: string;
  text(): Promise<string>;
}

export function metricsRoute(source: MetricsSource, access: TokenAccess, hostOrigin: HostOriginPolicy) {
  return async (app: FastifyInstance): Promise<void> => {
    if (access.kind === 'closed') return;
    const refusal = 'Metrics need the token of METRICS_TOKEN as Authorization: Bearer.';
    const onRequest = accessCheck(access, hostOrigin, refusal);
    app.get('/metrics', { onRequest }, async (_request, reply) =>
      reply.type(source.contentType).send(await source.text()),
    );
  };
}
