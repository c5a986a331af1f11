/** The marks by which this server finds its own writes again. They are no content: nobody is shown them. */
import type { JsonRecord } from './json.js';

/** In `order_metadata` of an order and `metadata` of an item that this server made: the id of the change. */
const MARK = 'odm_change';

/** Who writes what this server writes: of a history note, the id of the change follows. */
export const WRITER = 'orderdesk-mcp';
const MARKED_WRITER = /^orderdesk-mcp [\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The writer of a history note without the mark. */
export const plainWriter = (writer: string | null): string | null =>
  writer !== null && MARKED_WRITER.test(writer) ? WRITER : writer;

/** Metadata without the mark; the very map given where it has none. */
export function withoutMark(metadata: JsonRecord): JsonRecord {
  if (!Object.hasOwn(metadata, MARK)) return metadata;
  const { [MARK]: _mark, ...rest } = metadata;
  return rest;
}
