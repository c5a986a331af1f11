/** What a reader must know of a summary beside its numbers. Stores share those that are equal. */
import type { FolderReading } from '../orders/folder-states.js';
import type { Scan } from './scan.js';
import { stopRemark, unreadableRemark } from './scan-remark.js';

export interface Found {
  readonly zoneRemark: string | undefined;
  readonly currency: string | null;
  readonly scan: Scan;
  /** Folders that mean canceled, and the ids that were asked for. */
  readonly folders: {
    readonly canceled: readonly FolderReading[];
    readonly asked: ReadonlySet<string> | undefined;
  };
  /** There were more groups than are kept. */
  readonly overflows: boolean;
  readonly unreadable?: { readonly orders: number; readonly items: number } | undefined;
}

export function summaryRemarks(found: Found): string[] {
  const { zoneRemark, currency, scan, overflows, unreadable } = found;
  const stopped = stopRemark(scan);
  const skipped = unreadableRemark(scan.unreadable);
  return [
    ...(zoneRemark === undefined ? [] : [zoneRemark]),
    ...(stopped === undefined ? [] : [stopped]),
    ...(scan.stoppedBy === undefined ? [] : [INCOMPLETE]),
    ...(skipped === undefined ? [] : [skipped]),
    ...folderRemarks(found),
    ...(currency === null ? [CURRENCY_UNKNOWN] : []),
    ...(overflows ? [TOO_MANY_GROUPS] : []),
    ...(unreadable === undefined ? [] : [UNREADABLE]),
  ];
}

function folderRemarks({ folders: { canceled, asked } }: Found): string[] {
  if (asked !== undefined) return canceled.some(({ id }) => asked.has(id)) ? [CANCELED_ASKED_FOR] : [];
  if (canceled.length === 0) return [NOTHING_CANCELED];
  return canceled.some(({ by }) => by === 'name') ? [CANCELED_IS_GUESSED] : [];
}

/** For an answer with `other`. The same words whatever is in it, so that several stores say them once. */
export const SUMMED_IN_OTHER =
  'Groups without a row of their own are summed in other: shorten the range, or raise top where trimmed_by is null.';
const CANCELED_IS_GUESSED =
  'That the folders in left_out with by: name hold canceled orders is a guess by their names.';
const NOTHING_CANCELED =
  'No folder of this store is known to mean canceled, nor named so, and canceled orders, if there are any, are counted.';
const CANCELED_ASKED_FOR =
  'Some of the folders that were asked for mean canceled, or are named so: their orders are counted all the same.';
const CURRENCY_UNKNOWN =
  'The currency is unknown: Order Desk names none, and the locale and country of this store do not tell it.';
const TOO_MANY_GROUPS =
  'There are too many groups to tell all apart. Those met late are summed in other without being counted in its groups, and one of them may be larger than those shown. Narrow the search.';
const UNREADABLE =
  'unreadable counts orders and items with an amount that is no plausible number: such orders are in none of the numbers, such items are missing in their group alone.';
const INCOMPLETE =
  'Not the whole range: these numbers are of the orders added in coverage alone. For the rest ask again with coverage.from as added_to. Counts, units and amounts of the two can be added up, average cannot: it is revenue / orders. Groups can be added by key only where neither answer has other; else ask for shorter ranges that are complete.';
