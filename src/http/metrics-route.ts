/** `/metrics` for Prometheus: behind a bearer token, or open on a loopback address only, or not there at all. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.js';
import type { Secret } from '../tenancy/secret.js';

export type MetricsAccess =
  | { readonly kind: 'open' }
  | { readonly kind: 'token'; readonly token: Secret }
  | { readonly kind: 'closed' };

export interface MetricsSource {
  readonly contentType: string;
  text(): Promise<string>;
}

export function metricsRoute(source: MetricsSource, access: MetricsAccess) {
  return async (app: FastifyInstance): Promise<void> => {
    if (access.kind === 'closed') return;
    const expected = access.kind === 'token' ? digest(`Bearer ${access.token.reveal()}`) : undefined;
    app.get('/metrics', async (request, reply) => {
      const given = request.headers.authorization ?? '';
      if (expected !== undefined && !timingSafeEqual(expected, digest(given))) {
        throw new AppError(
          'unauthorized',
          'Metrics need the token of METRICS_TOKEN as Authorization: Bearer.',
        );
      }
      return reply.type(source.contentType).send(await source.text());
    });
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
