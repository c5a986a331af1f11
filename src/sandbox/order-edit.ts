/** What somebody else at the merchant's may do to an order: an integration, or a person in Order Desk itself. */
import { formatUtc } from './dates.js';
import type { SandboxStore } from './store.js';
import type { NoteRecord, OrderRecord } from './types.js';

export interface OrderEdit {
  readonly email?: string;
  readonly shipping_method?: string;
  readonly payment_status?: string;
  readonly customer_id?: string;
  readonly tag_name?: string;
  readonly checkout_data?: Readonly<Record<string, string>>;
  readonly order_metadata?: Readonly<Record<string, unknown>>;
  /** Moves the order, which its history then tells. */
  readonly folder_id?: number;
  /** Text of one more note. */
  readonly note?: string;
}

/** The name under which all notes of somebody else stand. */
export const SOMEBODY_ELSE = 'Somebody else';

/** @throws Error for an unknown order or folder; nothing is changed then */
export function editOrder(store: SandboxStore, id: string, edit: OrderEdit, now: number): OrderRecord {
  const { folder_id: folderId, note, ...fields } = edit;
  if (folderId !== undefined) store.moveOrder(id, folderId);
  const order = store.order(id);
  const order_notes = [...(order?.order_notes ?? []), ...(note === undefined ? [] : [makeNote(note, now)])];
  return store.changeOrder(id, { ...fields, order_notes });
}

/** Puts the note in the place of the one before, so that the order grows no longer. Does nothing for an unknown order. */
export function replaceNote(store: SandboxStore, id: string, note: string, now: number): void {
  const order = store.order(id);
  if (order === undefined) return;
  const others = order.order_notes.filter(({ username }) => username !== SOMEBODY_ELSE);
  store.changeOrder(id, { order_notes: [...others, makeNote(note, now)] });
}

function makeNote(content: string, now: number): NoteRecord {
  return { date_added: formatUtc(now), username: SOMEBODY_ELSE, content };
}
