/** What is not for everybody: behind a bearer token, or open on a loopback address only, or not there at all. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import type { Secret } from '../tenancy/secret.js';

export type TokenAccess =
  | { readonly kind: 'open' }
  | { readonly kind: 'token'; readonly token: Secret }
  | { readonly kind: 'closed' };

/**
 * Looks at the Authorization header of a request, in a time that says nothing about the token.
 * @param refusal what a request without the token is told
 * @returns a check that throws AppError `unauthorized`
 */
export function bearerCheck(
  access: Exclude<TokenAccess, { kind: 'closed' }>,
  refusal: string,
): (request: FastifyRequest) => void {
  if (access.kind === 'open') return () => {};
  const expected = digest(`Bearer ${access.token.reveal()}`);
  return ({ headers }) => {
    if (!timingSafeEqual(expected, digest(headers.authorization ?? ''))) {
      throw new AppError('unauthorized', refusal);
    }
  };
}

/** Of equal length for every text, as the comparison needs it. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
