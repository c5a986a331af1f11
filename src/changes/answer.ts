/** What a caller is told: built from lines, or from what an earlier call with the same key has left in the ledger. */
import { AppError } from '../errors.js';
import type { StoreEntry } from '../tenancy/stores.js';
import type { ChangeTypes } from './change-type.js';
import type { Refusal, StoredChange } from './ledger.js';
import { LOOK_YOURSELF, outcomeOf } from './outcomes.js';
import type { ChangeAnswer, ChangeKind, ChangeLine } from './port.js';

export interface AnswerParts {
  readonly kind: ChangeKind;
  readonly store: StoreEntry;
  readonly changeId: string | null;
  readonly lines: readonly ChangeLine[];
  readonly version: string | undefined;
  /** Whether changes of this kind can be taken back. */
  readonly undoable: boolean;
  readonly remarks: readonly string[];
  readonly apiCalls: number;
  readonly recorded?: boolean;
  /** How to find out, where an outcome is unknown. */
  readonly check?: string | undefined;
}

export function answerOf(parts: AnswerParts): ChangeAnswer {
  const { kind, store, changeId, lines, version, remarks, apiCalls, recorded = true } = parts;
  const isUnknown = lines.some((line) => line.outcome === 'unknown');
  return {
    outcome: outcomeOf(lines),
    kind,
    store,
    changeId,
    replayed: false,
    recorded,
    lines,
    undoable: parts.undoable && !isUnknown && lines.some((line) => line.outcome === 'applied'),
    remarks,
    apiCalls,
    ...(version === undefined ? {} : { version }),
    ...(isUnknown ? { check: parts.check ?? LOOK_YOURSELF } : {}),
  };
}

/**
 * The answer of an earlier call, from its row.
 * @throws AppError the refusal that the earlier call met
 */
export function storedAnswer(
  change: StoredChange,
  store: StoreEntry,
  types: ChangeTypes,
  apiCalls = 0,
): ChangeAnswer {
  const { images } = change;
  if (images?.refusal !== undefined) throw refusalError(images.refusal);
  const lines = images?.lines ?? [];
  const answer = answerOf({
    kind: change.kind,
    store,
    changeId: change.id,
    lines,
    version: images?.version ?? undefined,
    undoable: types[change.kind].undoable && change.undoneBy === null,
    remarks: images?.remarks ?? [],
    apiCalls,
    check: lines.find(({ outcome }) => outcome === 'unknown')?.message,
  });
  return {
    ...answer,
    replayed: true,
    outcome: lines.length === 0 ? outcomeOfState(change) : answer.outcome,
  };
}

/** Where the lines cannot be read any more. */
const outcomeOfState = ({ state }: StoredChange): ChangeAnswer['outcome'] =>
  state === 'applied' || state === 'failed' ? state : 'unknown';

/** @returns `undefined` for an error that is no refusal of what was asked for */
export function refusalOf(error: AppError): Refusal | undefined {
  const { code, ownWords, hint, field } = error;
  if (code !== 'upstream_rejected' && code !== 'not_found' && code !== 'conflict') return undefined;
  const quoted = quotedWords(error);
  return {
    code,
    message: ownWords,
    ...(hint === undefined ? {} : { hint }),
    ...(field === undefined ? {} : { field }),
    ...(quoted === undefined ? {} : { quoted }),
  };
}

export function quotedWords({ quotation }: AppError): string | undefined {
  const words = quotation?.data.order_desk_says;
  return typeof words === 'string' ? words : undefined;
}

/** The error as the client of Order Desk makes it. */
export function refusalError({ code, message, quoted, hint, field }: Refusal): AppError {
  const options = {
    ...(hint === undefined ? {} : { hint }),
    ...(field === undefined ? {} : { field }),
  };
  if (quoted === undefined) return new AppError(code, message, options);
  const quotation = { message, data: { order_desk_says: quoted }, mayNameCustomers: true };
  return new AppError(code, `Order Desk says: "${quoted}"`, { ...options, quotation });
}
