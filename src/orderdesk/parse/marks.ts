/** The marks by which this server finds its own writes again. They are no content: nobody is shown them. */
import type { JsonRecord } from './json.js';

/** In `order_metadata` of an order and `metadata` of an item that this server made: the id of the change. */
const MARK = 'odm_change';

/** Who writes what this server writes: inventory items, and notes and the history of orders. */
export const WRITER = 'orderdesk-mcp';
/** The id may have been cut: how long a name Order Desk keeps is not known. */
const MARKED_WRITER = /^orderdesk-mcp [\da-f-]{1,36}$/i;

/** The writer with the id of the change behind it: 50 characters. */
export const markedWriter = (changeId: string): string => `${WRITER} ${changeId}`;

/** Whether the writer carries a mark, whole or cut. */
export const isMarkedWriter = (writer: string): boolean => MARKED_WRITER.test(writer);

/** The writer of a history note or of an inventory item without the mark. */
export const plainWriter = (writer: string | null): string | null =>
  writer !== null && isMarkedWriter(writer) ? WRITER : writer;

/** An inventory item with its plain writer; the very record given where that has no mark. */
export function withPlainWriter(item: JsonRecord): JsonRecord {
  const { update_source: writer } = item;
  return typeof writer === 'string' && isMarkedWriter(writer) ? { ...item, update_source: WRITER } : item;
}

/** Metadata without the mark; the very map given where it has none. */
export function withoutMark(metadata: JsonRecord): JsonRecord {
  if (!Object.hasOwn(metadata, MARK)) return metadata;
  const { [MARK]: _mark, ...rest } = metadata;
  return rest;
}
