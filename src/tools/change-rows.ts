/** Entries of the ledger as rows. */
import type { ChangeEntry, ChangeLine } from '../changes/port.js';
import { clip, clipOrNull } from '../orders/text.js';
import { showLines } from './write-lines.js';
import type { ChangeSight } from './write-sight.js';

/** Characters of JSON that a row may have for its results, however many rows there are. */
const RESULTS_ROOM = 1_500;
/** What the members of a row take beside its results, at most. */
const MEMBERS_ROOM = 1_500;

export type ChangeRow = Record<string, unknown>;

/**
 * @param room for all rows: few rows may show more each
 * @param orderId shows the lines of this order first
 */
export function showEntries(
  entries: readonly ChangeEntry[],
  sight: ChangeSight,
  room: number,
  orderId: string | undefined,
): ChangeRow[] {
  const each = Math.floor(room / Math.max(1, entries.length)) - MEMBERS_ROOM;
  return entries.map((entry) => showEntry(entry, sight, Math.max(RESULTS_ROOM, each), orderId));
}

function showEntry(
  entry: ChangeEntry,
  sight: ChangeSight,
  room: number,
  orderId: string | undefined,
): ChangeRow {
  const about = {
    id: entry.id,
    at: entry.at.toISOString(),
    store: clip(entry.store.name ?? entry.store.orderDeskId, 200),
    key: clip(entry.keyName, 200),
    kid: entry.kid,
    client: clipOrNull(entry.client, 200),
    tool: entry.tool,
    status: entry.state,
    ...(entry.outcome === null ? {} : { outcome: entry.outcome }),
    undoable: entry.undoable && entry.undoneBy === null,
    ...(entry.undoes === null ? {} : { undoes: entry.undoes }),
    ...(entry.undoneBy === null ? {} : { undone_by: entry.undoneBy }),
  };
  if (entry.lines === null) return about;
  const { results, omitted } = showLines(ofOrderFirst(entry.lines, orderId), sight, room);
  return { ...about, results, ...(omitted === undefined ? {} : { omitted }) };
}

/** Of a batch, the line that was asked for must not be the one that is left out. */
function ofOrderFirst(lines: readonly ChangeLine[], orderId: string | undefined): readonly ChangeLine[] {
  if (orderId === undefined) return lines;
  const isIt = ({ target }: ChangeLine) => target.kind === 'order' && target.id === orderId;
  return [...lines.filter(isIt), ...lines.filter((line) => !isIt(line))];
}
