/** `/health/detailed`: all that the server knows of itself, for the operator alone. */
import type { FastifyInstance } from 'fastify';
import { accessCheck, type TokenAccess } from './bearer.js';
import type { DetailedHealth } from './health-schemas.js';
import type { HostOriginPolicy } from './host-origin.js';

/** @param report must be cheap to ask for, however often it is: whoever has the token may ask all the time */
export function detailedHealthRoute(
  report: () => Promise<DetailedHealth>,
  access: TokenAccess,
  hostOrigin: HostOriginPolicy,
) {
  return async (app: FastifyInstance): Promise<void> => {
    if (access.kind === 'closed') return;
    const refusal = 'This needs the token of ADMIN_TOKEN as Authorization: Bearer.';
    const onRequest = accessCheck(access, hostOrigin, refusal);
    app.get('/health/detailed', { onRequest }, async (_request, reply) =>
      reply.header('cache-control', 'no-store').send(await report()),
    );
  };
}
