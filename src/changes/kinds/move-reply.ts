/** What Order Desk's answer to a move says of each order (Order Desk API, POST /move-orders). */
import type { AppError } from '../../errors.js';
import { isRecord, type JsonRecord } from '../../orderdesk/parse/json.js';
import { quotable } from '../../orderdesk/parse/quotable.js';
import type { Step, Surroundings } from '../change-type.js';
import type { ChangeLine } from '../port.js';
import { failedLine, movedLine, SAID } from './move-lines.js';
import { placesSingly, READ_SINGLY } from './move-places.js';

/** @param folderId where the orders were to go */
export function linesOfReply(step: Step, folderId: string, body: JsonRecord): readonly ChangeLine[] {
  const { results } = body;
  if (!Array.isArray(results)) {
    return step.lines.map(({ line }) => ({ ...line, outcome: 'unknown', message: SAID.answerUnread }));
  }
  const byOrder = new Map(results.filter(isRecord).map((result) => [idText(result.order_id), result]));
  return step.lines.map(({ line }) => {
    const id = line.target.id ?? '';
    const result = byOrder.get(id);
    return result === undefined ? failedLine(id, SAID.leftOut) : lineOf(id, folderId, result);
  });
}

function lineOf(id: string, folderId: string, result: JsonRecord): ChangeLine {
  const words = wordsOf(result);
  const before = idText(result.original_folder_id);
  if (result.status === 'error') return failedLine(id, SAID.refused, words);
  if (before === folderId && words !== undefined && /\balready\b/i.test(words)) {
    return { ...movedLine(id, before, folderId), outcome: 'already', message: SAID.already };
  }
  if (before !== undefined) return movedLine(id, before, folderId);
  const isMoved = words !== undefined && /^(?:order )?moved\b/i.test(words);
  if (!isMoved) return failedLine(id, SAID.refused, words);
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
