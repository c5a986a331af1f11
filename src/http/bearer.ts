/**
 * What is not for everybody: behind a bearer token, or open on a loopback address only, or not there at all. Where it is
 * open, Host and Origin are checked as for `/mcp`: else a page in a browser of this machine could read it under a name of
 * its own.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import type { Secret } from '../tenancy/secret.js';
import { type HostOriginPolicy, hostOriginCheck } from './host-origin.js';

export type TokenAccess =
  | { readonly kind: 'open' }
  | { readonly kind: 'token'; readonly token: Secret }
  | { readonly kind: 'closed' };

/**
 * Looks at the Authorization header of a request, in a time that says nothing about the token.
 * @param hostOrigin what is served to whom where there is no token
 * @param refusal what a request without the token is told
 * @returns a hook that throws AppError `unauthorized`, or what `hostOriginCheck` throws
 */
export function accessCheck(
  access: Exclude<TokenAccess, { kind: 'closed' }>,
  hostOrigin: HostOriginPolicy,
  refusal: string,
): (request: FastifyRequest) => Promise<void> {
  if (access.kind === 'open') return hostOriginCheck(hostOrigin);
  const expected = digest(`Bearer ${access.token.reveal()}`);
  return async ({ headers }) => {
    if (!timingSafeEqual(expected, digest(headers.authorization ?? ''))) {
      throw new AppError('unauthorized', refusal);
    }
  };
}

/** Of equal length for every text, as the comparison needs it. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
