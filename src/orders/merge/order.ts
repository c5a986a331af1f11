/**
 * The safe merge: a patch set into the record as Order Desk sent it. Whatever the patch does not name stays as it is,
 * fields that nobody here knows included, since Order Desk replaces the whole record by what it is sent.
 */
import type { Patch } from '../../changes/intents.js';
import type { FieldChange } from '../../changes/port.js';
import { diffFields } from '../field-changes.js';
import { checkMaps } from './caps.js';
import { mergeItems } from './items.js';
import { INVENTORY, ITEM, type Known, ORDER, SHIPMENT } from './known.js';
import { appendNotes, type NoteOptions } from './notes.js';
import { own, type Raw } from './raw.js';
import { mergeRecord } from './record.js';
import { below, type Outcome, Refusals } from './refusal.js';

export interface Merged {
  /** To be sent whole. The very record given where nothing changes. */
  readonly merged: Raw;
  readonly fields: readonly FieldChange[];
}

export interface MergedOrder extends Merged {
  /** Places, among the texts of `order_notes`, of those that were there already in the last 24 hours. */
  readonly notesAlreadyThere: readonly number[];
}

/** Where the patch stands among the arguments of a call. */
const CHANGES = 'changes';

export function mergeOrder(
  raw: Raw,
  patch: Patch,
  options: NoteOptions,
  at: string = CHANGES,
): Outcome<MergedOrder> {
  const refusals = new Refusals();
  let merged = mergeRecord(raw, patch, ORDER, at, refusals);
  if (patch.order_items !== undefined) {
    const items = mergeItems(own(raw, 'order_items'), patch.order_items, below(at, 'order_items'), refusals);
    merged = withMember(merged, 'order_items', items);
  }
  let notesAlreadyThere: readonly number[] = [];
  if (patch.order_notes !== undefined) {
    const appended = appendNotes(
      own(raw, 'order_notes'),
      patch.order_notes,
      options,
      below(at, 'order_notes'),
      refusals,
    );
    merged = withMember(merged, 'order_notes', appended.notes);
    notesAlreadyThere = appended.alreadyThere;
  }
  checkMaps(raw, merged, at, refusals);
  return refusals.or({ merged, fields: diffFields(raw, merged), notesAlreadyThere });
}

const withMember = (record: Raw, key: string, value: unknown): Raw =>
  value === own(record, key) ? record : { ...record, [key]: value };

/** An item of an order, for the endpoint of items. */
export const mergeItem = (rawItem: Raw, patch: Patch, at: string = CHANGES): Outcome<Merged> =>
  mergeFlat(rawItem, patch, ITEM, at);

export const mergeShipment = (raw: Raw, patch: Patch, at: string = CHANGES): Outcome<Merged> =>
  mergeFlat(raw, patch, SHIPMENT, at);

export const mergeInventory = (raw: Raw, patch: Patch, at = 'set'): Outcome<Merged> =>
  mergeFlat(raw, patch, INVENTORY, at);

function mergeFlat(raw: Raw, patch: Patch, known: Known, at: string): Outcome<Merged> {
  const refusals = new Refusals();
  const merged = mergeRecord(raw, patch, known, at, refusals);
  return refusals.or({ merged, fields: diffFields(raw, merged) });
}
