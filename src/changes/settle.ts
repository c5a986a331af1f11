/**
 * What became of a write whose answer is not known: found out by looking, never by sending. That it was applied is
 * conclusive at once; that it was not, only when seen twice with a pause between, since Order Desk may be slow to show it.
 */
import type { CallContext } from '../orderdesk/port.js';
import type { StoreEntry } from '../tenancy/stores.js';
import type { LookedUp, Verdict } from './change-type.js';
import type { EngineOptions } from './engine-options.js';
import type { Closing, Images, StoredChange } from './ledger.js';
import { isResumable, NOT_CARRIED_OUT, notSent, stateOf, unknown, withLines } from './outcomes.js';
import type { ChangeKind, ChangeLine } from './port.js';
import { CallCount, surroundings } from './surroundings.js';

type Deps = Pick<EngineOptions, 'types' | 'gateway' | 'reads' | 'now'>;

/** A change whose open step can be looked at. */
export interface Settleable {
  readonly id: string;
  readonly kind: ChangeKind;
  readonly sentAt: Date;
  readonly effects: number;
  readonly store: StoreEntry;
  readonly images: Images & { readonly open: NonNullable<Images['open']> };
}

/** @returns `undefined` where the ledger does not tell what was sent */
export function settleable(change: StoredChange, store: StoreEntry): Settleable | undefined {
  const { images, id, kind, effects, sentAt, at } = change;
  if (images === null || images.open === null) return undefined;
  return { id, kind, effects, store, sentAt: sentAt ?? at, images: { ...images, open: images.open } };
}

/** One look. @throws AppError as reads do */
export async function look(
  deps: Deps,
  { id, kind, sentAt, store, images: { open } }: Settleable,
  ctx: CallContext,
  count: CallCount = new CallCount(),
): Promise<readonly Verdict[]> {
  return deps.types[kind].look({ ...open, sentAt }, surroundings(deps, store, ctx, id, { count }));
}

/** Whether nothing more can be learned by looking again. */
export const isConclusive = ({ images }: Settleable, verdicts: readonly Verdict[]): boolean =>
  images.open.lines.every(({ index }) => foundOf(verdicts, index) === 'applied');

/** What two looks say together, with what the later of them knows of it. */
export function together(first: readonly Verdict[], second: readonly Verdict[]): readonly Verdict[] {
  const looks = [second, first];
  const indexes = new Set([...first, ...second].map(({ index }) => index));
  return [...indexes].map((index) => {
    const found = bothFound(looks.map((verdicts) => foundOf(verdicts, index)));
    const line = looks.flat().find((each) => each.index === index && each.found === found && each.line)?.line;
    return { index, found, ...(line === undefined ? {} : { line }) };
  });
}

function bothFound(looks: readonly LookedUp[]): LookedUp {
  if (looks.includes('applied')) return 'applied';
  return looks.includes('unclear') ? 'unclear' : 'not_applied';
}

/**
 * How the row is closed. Lines that were provably not applied are `not_sent` again, so that the same call may go on with
 * them; what stays unclear is `unknown` for good.
 */
export function closingOf({ effects, images }: Settleable, verdicts: readonly Verdict[]): Closing {
  const lines = linesAfter(images, verdicts);
  const undone = images.open.lines.filter(({ index }) => foundOf(verdicts, index) === 'not_applied').length;
  return {
    state: stateOf(lines),
    images: { ...images, lines, open: null },
    resumable: isResumable(lines),
    refunded: Math.min(undone, effects),
  };
}

/**
 * The lines as a look shows them, with the reasons that it gives.
 * @param check what is said of those that are unclear without a reason
 */
export function linesAfter(
  { lines, open }: Settleable['images'],
  verdicts: readonly Verdict[],
  check?: string,
): readonly ChangeLine[] {
  const places = open.lines.map(({ index }) => index);
  return withLines(lines, open.lines, (line, place) => {
    const verdict = verdicts.find(({ index }) => index === places[place]);
    const seen = verdict?.line;
    if (verdict?.found === 'applied') return seen ?? line;
    if (verdict?.found === 'not_applied') return notSent(line, seen?.message ?? NOT_CARRIED_OUT);
    return unknown(line, seen?.message ?? check);
  });
}

const foundOf = (verdicts: readonly Verdict[], index: number): LookedUp =>
  verdicts.find((verdict) => verdict.index === index)?.found ?? 'unclear';
