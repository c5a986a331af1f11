/** Who is calling. The key travels in one `Authorization: Bearer` header and nowhere else. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, toAppError } from '../errors.js';
import type { InboundLimits } from '../limits/inbound.js';
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
  limits: InboundLimits,
  onAttempt: (error: AppError | undefined, address: string) => void,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    refuseKeyInUrl(request.url);
    if (countHeader(request.raw, 'authorization') > 1) {
      throw new AppError('invalid_request', 'Send exactly one Authorization header.', { hint: HINT });
    }
    const { authorization } = request.headers;
    limits.admit(request.ip, () => authenticator.hasProof(authorization));
    try {
      request.principal = await authenticator.authenticate(authorization);
      onAttempt(undefined, request.ip);
    } catch (thrown) {
      const error = toAppError(thrown);
      onAttempt(error, request.ip);
      if (error.code !== 'unauthorized') throw error;
      if (!authenticator.hasProof(authorization)) await limits.failed(request.ip);
      reply.header('www-authenticate', 'Bearer');
      throw new AppError('unauthorized', undefined, { hint: HINT, cause: error });
    }
  };
}

/** A URL ends up in logs and histories, so a key in one has leaked already. */
function refuseKeyInUrl(url: string): void {
  const [path = '', ...queries] = decodedLoosely(url).split('?');
  const query = queries.join('?');
  if (!KEY_IN_PATH.test(path) && !KEY_IN_QUERY.test(query) && !CREDENTIAL_PARAMETER.test(query)) return;
  throw new AppError('invalid_request', 'A key in the URL is not accepted: URLs are logged and remembered.', {
    hint: `Revoke that key if it is real. ${HINT}`,
  });
}

/** In a path the beginning of a key alone may be the beginning of a store's name. */
const KEY_IN_PATH = /odm_[0-9a-z]{10}_/i;
const KEY_IN_QUERY = /odm_/i;
const CREDENTIAL_PARAMETER = /(^|&)[^=&]*(key|token|auth|secret|bearer)/i;

/** Never fails: a key must be found in an address that is malformed elsewhere. */
const decodedLoosely = (text: string): string =>
  text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
