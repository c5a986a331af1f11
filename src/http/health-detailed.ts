/** `/health/detailed`: all that the server knows of itself, for the operator alone. */
import type { FastifyInstance } from 'fastify';
import { bearerCheck, type TokenAccess } from './bearer.js';
import type { DetailedHealth } from './health-schemas.js';

/** @param report must be cheap to ask for, however often it is: whoever has the token may ask all the time */
export function detailedHealthRoute(report: () => Promise<DetailedHealth>, access: TokenAccess) {
  return async (app: FastifyInstance): Promise<void> => {
    if (access.kind === 'closed') return;
    const check = bearerCheck(access, 'This needs the token of ADMIN_TOKEN as Authorization: Bearer.');
    app.get('/health/detailed', async (request, reply) => {
      check(request);
      return reply.header('cache-control', 'no-store').send(await report());
    });
  };
}
