/** The protocol revisions served, and what differs between the two eras. */

export type Era = 'modern' | 'legacy';

export const MODERN_REVISION = '2026-07-28';

/** Handshake revisions, newest first: the first is offered to a client that asks for one we do not serve. */
export const LEGACY_REVISIONS = ['2025-11-25', '2025-06-18', '2025-03-26'] as const;

export const SERVED_REVISIONS = [MODERN_REVISION, ...LEGACY_REVISIONS];

/** The only revision with JSON-RPC arrays, and the one a request without a version header is taken as. */
export const BATCH_REVISION = '2025-03-26';

export const isServedLegacy = (revision: string): boolean =>
  LEGACY_REVISIONS.some((known) => known === revision);
