/** A finding as an answer shows it: the order in short, the rules that fired, and the call that shows more. */
import { daysSince } from '../orders/exceptions/age.js';
import { CHECKS, type Check } from '../orders/exceptions/check.js';
import type { Finding } from '../orders/exceptions/report.js';
import { SHORT } from '../orders/sections.js';
import { clip, clipOrNull } from '../orders/text.js';

export type FindingRow = {
  id: string;
  source_id: string | null;
  source_name: string | null;
  folder: string | null;
  added: string;
  age_days: number;
  /** All of them: an order is shown whole or not at all. */
  reasons: { check: Check; rule: string }[];
  next: { tool: string; arguments: Record<string, string> };
};

/** @param store the name to repeat in the next call; `undefined` where it needs none */
export function findingRow(
  finding: Finding,
  folderName: (id: string) => string | null,
  now: number,
  store: string | undefined,
): FindingRow {
  const { order, reasons } = finding;
  const next = nextCall(finding);
  return {
    id: order.id,
    source_id: clipOrNull(order.sourceId, SHORT),
    source_name: clipOrNull(order.sourceName, SHORT),
    folder: order.folderId === null ? null : clip(folderName(order.folderId) ?? order.folderId, SHORT),
    added: order.addedAt,
    age_days: daysSince(order.addedAt, now),
    reasons: reasons.map(({ check, rule }) => ({ check, rule })),
    next: { tool: next.tool, arguments: { ...(store === undefined ? {} : { store }), ...next.arguments } },
  };
}

/** What a filter of list_orders may hold. */
const FILTER_LENGTH = 200;

const fitsFilter = (text: string): boolean => text.trim() !== '' && text.trim().length <= FILTER_LENGTH;

/** The orders with the same number, where that is all that is wrong; else the order, which shows what is. */
function nextCall({ order, reasons, isNumberHidden }: Finding): FindingRow['next'] {
  const { id, sourceId, sourceName } = order;
  const isCopy = reasons.every(({ check }) => check === 'duplicate_source_id');
  if (!isCopy || isNumberHidden || sourceId === null || !fitsFilter(sourceId)) {
    return { tool: 'get_order', arguments: { order_id: id } };
  }
  const channel = sourceName !== null && fitsFilter(sourceName) ? { source_name: sourceName.trim() } : {};
  return { tool: 'list_orders', arguments: { source_id: sourceId.trim(), ...channel } };
}

/** Orders by check, 0 for one that found nothing; a check that was not made has no count. */
export function countsOf(found: readonly Finding[], made: readonly Check[]): Partial<Record<Check, number>> {
  const counts: Partial<Record<Check, number>> = {};
  for (const check of CHECKS) if (made.includes(check)) counts[check] = 0;
  for (const { check } of found.flatMap(({ reasons }) => reasons)) counts[check] = (counts[check] ?? 0) + 1;
  return counts;
}
