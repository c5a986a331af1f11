/**
 * What became of each edit of somebody else: it still stands, one of our answers shows that it was overwritten, somebody
 * else took it back himself, or it is lost without a word.
 */
import type { OrderRecord } from '../../../src/sandbox/index.js';
import { type EditEvent, entriesOf, type OrderEvent, type WriteEvent, windowsOf } from './order-log.js';

export type Fate = 'preserved' | 'reported' | 'replaced_by_somebody_else' | 'lost';

export interface Judged {
  readonly event: EditEvent;
  readonly fate: Fate;
  /** Whether it fell between one of our reads and the write after it. */
  readonly isInWindow: boolean;
}

/**
 * @param events of one order
 * @param record as it is in the end
 * @param shownBefore what the answer to a write says was in `shipping_method` before; `undefined` where it says nothing
 */
export function judgeEdits(
  events: readonly OrderEvent[],
  record: OrderRecord,
  shownBefore: (write: WriteEvent) => unknown,
): readonly Judged[] {
  const inWindows = new Set(windowsOf(events).flatMap(({ edits }) => edits));
  return events.flatMap((event, place) =>
    event.kind === 'edit'
      ? [
          {
            event,
            isInWindow: inWindows.has(event),
            fate:
              event.edit.part === 'shipping_method'
                ? fateOfField(event.edit.value, events.slice(place + 1), record, shownBefore)
                : isThere(event, record)
                  ? 'preserved'
                  : 'lost',
          } as const,
        ]
      : [],
  );
}

function isThere({ edit }: EditEvent, record: OrderRecord): boolean {
  if ('key' in edit) return entriesOf(record[edit.part])[edit.key] === edit.value;
  if (edit.part === 'shipping_method') return record.shipping_method === edit.value;
  return record.order_notes.some(({ content }) => content === edit.value);
}

/** Of a field that all set: what came next decides. */
function fateOfField(
  value: string,
  later: readonly OrderEvent[],
  record: OrderRecord,
  shownBefore: (write: WriteEvent) => unknown,
): Fate {
  for (const event of later) {
    if (event.kind === 'edit' && event.edit.part === 'shipping_method') return 'replaced_by_somebody_else';
    if (event.kind === 'write' && event.sent.shipping_method !== value) {
      return shownBefore(event) === value ? 'reported' : 'lost';
    }
  }
  return record.shipping_method === value ? 'preserved' : 'lost';
}

/** How often each of them is there. */
export function tallied(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
