/**
 * Confirmations: the token of a dry run says that somebody has seen what the call will do. It is sealed, good for 10
 * minutes and once, and bound to key, tool, arguments and to what was read for the preview.
 */
import { createHash } from 'node:crypto';
import { AppError } from '../errors.js';
import { canonicalJson } from '../orders/canonical.js';
import { type Clock, newId, type RandomBytes } from '../tenancy/ids.js';
import type { Principal } from '../tenancy/principal.js';
import type { Sealer } from '../tenancy/sealer.js';
import type { ChangeType, Plan } from './change-type.js';
import type { ChangeKind } from './port.js';

const GOOD_FOR_MS = 10 * 60_000;
const HINT =
  'Make the same call with dry_run: true, then repeat it with the confirmation_token of its answer.';

/** What a token is good for. */
export interface Confirmed {
  readonly principal: Principal;
  readonly tool: string;
  readonly fingerprint: string;
}

export interface Confirmation {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Digest of what was read. */
  readonly seen: string;
}

interface Deps {
  readonly sealer: Sealer;
  readonly now: Clock;
  readonly random: RandomBytes;
}

/** Why a call may have to be confirmed before it is known how many lines it has. */
export function isDemanded(
  { confirm }: Pick<ChangeType<ChangeKind>, 'confirm'>,
  { scope }: Principal,
): boolean {
  if (confirm === undefined) return false;
  return confirm === 'always' || scope.confirm[confirm];
}

export const isLargeBatch = ({ scope }: Principal, lines: number): boolean =>
  scope.confirm.batchesAbove !== null && lines > scope.confirm.batchesAbove;

/** The token for a plan that was shown. */
export async function sealConfirmation(
  { sealer, now, random }: Deps,
  confirmed: Confirmed,
  plan: Plan,
): Promise<string> {
  const text = [newId(now, random), String(now() + GOOD_FOR_MS), digestOf(plan)].join(' ');
  return sealer.seal(confirmed.principal.tenantId, 'confirm', bindingOf(confirmed), text);
}

/** @returns `undefined` for what was not sealed for this very call */
export async function openConfirmation(
  { sealer }: Deps,
  confirmed: Confirmed,
  token: string,
): Promise<Confirmation | undefined> {
  const text = await sealer.open(confirmed.principal.tenantId, 'confirm', bindingOf(confirmed), token);
  const [id, expiresAt, seen] = text?.split(' ') ?? [];
  if (id === undefined || expiresAt === undefined || seen === undefined) return undefined;
  return { id, expiresAt: Number(expiresAt), seen };
}

export const fitsPlan = ({ seen }: Confirmation, plan: Plan): boolean => seen === digestOf(plan);

export const missing = (): AppError => new AppError('confirmation_required', undefined, { hint: HINT });

export const notValid = (): AppError =>
  new AppError(
    'confirmation_required',
    'The confirmation_token is older than 10 minutes, or was given for another call. Nothing was written.',
    { hint: HINT, field: 'confirmation_token' },
  );

export const changedSince = (): AppError =>
  new AppError(
    'confirmation_required',
    'What the preview showed has been changed since. Nothing was written.',
    {
      hint: 'Preview again: make the same call with dry_run: true, then repeat it with the new confirmation_token.',
      field: 'confirmation_token',
    },
  );

const bindingOf = ({ principal, tool, fingerprint }: Confirmed): readonly string[] => [
  principal.kid,
  tool,
  fingerprint,
];

const digestOf = ({ seen }: Plan): string => createHash('sha256').update(canonicalJson(seen)).digest('hex');
