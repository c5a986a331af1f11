/** What Order Desk's answer to a move says of each order (Order Desk API, POST /move-orders). */
import type { AppError } from '../../errors.js';
import { isRecord, type JsonRecord } from '../../orderdesk/parse/json.js';
import { quotable } from '../../orderdesk/parse/quotable.js';
import type { Step, Surroundings } from '../change-type.js';
import type { ChangeLine } from '../port.js';
import { linesLeftOut } from './move-left-out.js';
import { failedLine, movedLine, SAID } from './move-lines.js';
import { placesSingly, READ_SINGLY } from './move-places.js';

/** Words by which a line says that its order was not moved. */
const REFUSES = /\b(?:not?|cannot|can't|couldn't|failed|error|invalid|unable|refused|denied)\b/i;

/** @param folderId where the orders were to go */
export async function linesOfReply(
  step: Step,
  folderId: string,
  { results }: JsonRecord,
  around: Surroundings,
): Promise<readonly ChangeLine[]> {
  const told = Array.isArray(results) ? results.filter(isRecord) : [];
  const byOrder = new Map(told.map((result) => [idText(result.order_id), result]));
  const resultOf = ({ line }: Step['lines'][number]) => byOrder.get(line.target.id ?? '');
  const lines = step.lines.map((open) => lineOf(open.line.target.id ?? '', folderId, resultOf(open)));
  const leftOut = step.lines.filter((_open, place) => lines[place] === undefined);
  const read = await linesLeftOut(leftOut, folderId, around);
  return step.lines.map((open, place) => {
    return lines[place] ?? quoting(read.get(open.index) ?? open.line, resultOf(open));
  });
}

function quoting(line: ChangeLine, result: JsonRecord | undefined): ChangeLine {
  const quoted = result === undefined ? undefined : wordsOf(result);
  const isSettled = line.outcome === 'applied' || line.outcome === 'already';
  return quoted === undefined || isSettled ? line : { ...line, quoted };
}

/** `undefined` where the result does not say what became of the order. */
function lineOf(id: string, folderId: string, result: JsonRecord | undefined): ChangeLine | undefined {
  if (result === undefined) return undefined;
  const words = wordsOf(result);
  const before = idText(result.original_folder_id);
  if (result.status === 'error') return failedLine(id, SAID.refused, words);
  if (before === folderId && words !== undefined && /\balready\b/i.test(words)) {
    return { ...movedLine(id, before, folderId), outcome: 'already', message: SAID.already };
  }
  const isMoved = words !== undefined && /^(?:order )?moved\b/i.test(words);
  if (!isMoved && words !== undefined && REFUSES.test(words)) return failedLine(id, SAID.refused, words);
  if (before !== undefined) return movedLine(id, before, folderId);
  if (!isMoved) return undefined;
  return { ...movedLine(id, undefined, folderId), message: SAID.previousUnknown };
}

/** A refusal of all of them: of a few, those that do not exist can be told. */
export async function linesOfRefusal(
  step: Step,
  refusal: AppError,
  around: Surroundings,
): Promise<readonly ChangeLine[]> {
  const ids = step.lines.map(({ line }) => line.target.id ?? '');
  const missing = ids.length <= READ_SINGLY ? await missingOf(ids, around) : new Set<string>();
  const said = refusal.quotation?.data.order_desk_says;
  const quoted = typeof said === 'string' ? said : undefined;
  return ids.map((id) => failedLine(id, missing.has(id) ? SAID.noSuchOrder : SAID.refusedTogether, quoted));
}

async function missingOf(ids: readonly string[], around: Surroundings): Promise<ReadonlySet<string>> {
  try {
    const places = await placesSingly(ids, around);
    return new Set(ids.filter((id) => places.get(id)?.at === 'nowhere'));
  } catch {
    // That all were refused is known without it, and is what counts.
    return new Set();
  }
}

const ID = /^[1-9]\d*$/;

const idText = (id: unknown): string | undefined =>
  (typeof id === 'string' || typeof id === 'number') && ID.test(String(id)) ? String(id) : undefined;

const wordsOf = ({ message }: JsonRecord): string | undefined =>
  typeof message === 'string' && message !== '' ? quotable(message) : undefined;
