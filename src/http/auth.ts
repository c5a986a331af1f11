/** Who is calling. The key travels in one `Authorization: Bearer` header and nowhere else. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, toAppError } from '../errors.js';
import type { Authenticator, Principal } from '../tenancy/principal.js';
import { countHeader } from './header-count.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the authentication hook; `null` outside `/mcp`. */
    principal: Principal | null;
  }
}

const HINT = 'Send the key as "Authorization: Bearer odm_…". Keys are made with "orderdesk-mcp key create".';

export function authenticate(
  authenticator: Authenticator,
  onAttempt: (error: AppError | undefined) => void,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    refuseKeyInUrl(request);
    if (countHeader(request.raw, 'authorization') > 1) {
      throw new AppError('invalid_request', 'Send exactly one Authorization header.', { hint: HINT });
    }
    try {
      request.principal = await authenticator.authenticate(request.headers.authorization);
      onAttempt(undefined);
    } catch (thrown) {
      const error = toAppError(thrown);
      onAttempt(error);
      if (error.code !== 'unauthorized') throw error;
      reply.header('www-authenticate', 'Bearer');
      throw new AppError('unauthorized', undefined, { hint: HINT, cause: error });
    }
  };
}

/** A URL ends up in logs and histories, so a key in one has leaked already. No parameter is defined for this endpoint. */
function refuseKeyInUrl(request: FastifyRequest): void {
  const query = request.url.indexOf('?');
  if (query < 0) return;
  const looksLikeKey = /odm_|key|token|auth|secret|bearer/i.test(request.url.slice(query));
  throw looksLikeKey
    ? new AppError('invalid_request', 'A key in the URL is not accepted: URLs are logged and remembered.', {
        hint: `Revoke that key if it is real. ${HINT}`,
      })
    : new AppError('invalid_request', 'This address takes no query parameters.', { hint: 'Leave them out.' });
}
