/** The `Authorization` header: one scheme, one space, one token. Nothing is trimmed or guessed. */

const BEARER = /^bearer ([^\s,]+)$/i;

/** The token of `Bearer <token>` (the scheme in any case); `undefined` for every other form. */
export function bearerToken(header: string | undefined): string | undefined {
  return header === undefined ? undefined : BEARER.exec(header)?.[1];
}
