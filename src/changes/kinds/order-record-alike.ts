/**
 * Orders and items that may be those that were sent, though they carry no mark: other integrations replace metadata, and
 * Order Desk may drop it. What is alike proves nothing, but that nothing was made cannot be said beside it.
 */
import { createHash } from 'node:crypto';
import { isRecord, type JsonRecord } from '../../orderdesk/parse/json.js';
import { MARK } from '../../orders/merge/caps.js';
import { asList } from '../../orders/merge/raw.js';
import { plain } from '../../orders/plain.js';

/** The same for orders with the same e-mail, name, codes and quantities; tells nothing of them by itself. */
export function likenessOf(order: JsonRecord): string {
  const items = (asList(order.order_items) ?? []).filter(isRecord).map(pieceOf).sort();
  const parts = JSON.stringify([written(order.email), whoOf(order), items]);
  return createHash('sha256').update(parts).digest('hex');
}

/** Whether the order carries the mark of no change and is like what was sent. */
export const isAlike = (order: JsonRecord, likeness: string): boolean =>
  !hasMark(order.order_metadata) && likenessOf(order) === likeness;

/** Whether the item carries the mark of no change and has the name, the code and the quantity that were sent. */
export const isAlikeItem = (item: JsonRecord, sent: JsonRecord): boolean =>
  !hasMark(item.metadata) &&
  ['name', 'code', 'quantity'].every(
    (name) => sent[name] === undefined || written(item[name]) === written(sent[name]),
  );

const hasMark = (metadata: unknown): boolean => isRecord(metadata) && metadata[MARK] !== undefined;

/** Order Desk copies the one address where the other is not given. */
const whoOf = ({ shipping, customer }: JsonRecord): string =>
  [shipping, customer].map(nameOf).find((name) => name !== '') ?? '';

const nameOf = (address: unknown): string =>
  isRecord(address)
    ? [address.first_name, address.last_name, address.company].map(written).filter(Boolean).join(' ')
    : '';

const pieceOf = ({ code, name, quantity }: JsonRecord): string =>
  JSON.stringify([written(code) || written(name), written(quantity ?? 1)]);

/** As people read it; numbers may come as text. */
const written = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? plain(String(value)) : '';
