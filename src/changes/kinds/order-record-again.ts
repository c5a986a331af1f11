/** An order made again from the record of a deleted one. */
import { AppError } from '../../errors.js';
import { isRecord, type JsonRecord, list } from '../../orderdesk/parse/json.js';
import { asList } from '../../orders/merge/raw.js';
import type { ChangeType } from '../change-type.js';
import { unmarkedOrder } from './order-record.js';

type Inverse = ReturnType<ChangeType<'order_delete'>['inverse']>;

/** The id, what Order Desk counts and adds up itself, and what belongs to an order only once it is there. */
const NOT_SENT: ReadonlySet<string> = new Set([
  'id',
  'quantity_total',
  'weight_total',
  'product_total',
  'discount_total',
  'order_total',
  'email_count',
  'date_updated',
  'order_shipments',
  'order_history',
]);

/** @param record of the ledger @throws AppError `cannot_undo` where it is not kept any more */
export function makingAgain(record: unknown): Inverse {
  if (!isRecord(record)) {
    throw new AppError('cannot_undo', 'The record of the deleted order is not kept any more.');
  }
  const { order_items: items, ...rest } = unmarkedOrder(record);
  const kept = Object.entries(rest).filter(([name]) => !NOT_SENT.has(name));
  const order = { ...Object.fromEntries(kept), order_items: asList(items)?.map(withoutId) ?? [] };
  return {
    kind: 'order_create',
    intent: { order, asItWas: true },
    remarks: [
      'The order is made again under a new id. Rules for imported orders may run for it: mail, and sending to fulfilment.',
      ...lost(record),
      'To take this back, delete the new order with delete_order.',
    ],
  };
}

/** Sentences on what cannot be made again. */
export function lost(record: JsonRecord): readonly string[] {
  const shipments = list(record, 'order_shipments', '').length;
  const count = shipments === 1 ? 'its shipment' : `its ${shipments} shipments`;
  return [`Its history${shipments === 0 ? '' : ` and ${count}`} cannot be restored.`];
}

function withoutId(item: unknown): unknown {
  if (!isRecord(item)) return item;
  const { id: _id, ...rest } = item;
  return rest;
}
