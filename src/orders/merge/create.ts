/** What may be sent to make an order, an item of one, or an inventory item. */
import type { Patch } from '../../changes/intents.js';
import { checkMaps, checkNote } from './caps.js';
import { readNewItem, readNewItems } from './items.js';
import { INVENTORY, NEW_ORDER } from './known.js';
import { appendNotes, type NoteOptions } from './notes.js';
import { isMap, own, type Raw } from './raw.js';
import { mergeRecord } from './record.js';
import { below, type Outcome, Refusals } from './refusal.js';

export interface Made {
  /** As it is to be sent, without ids and without our mark. */
  readonly record: Raw;
}

const ORDER_DATE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
const NAMES = ['first_name', 'last_name', 'company'];

/**
 * @param order in Order Desk's own names; `order_notes` are texts, `folder_id` a number, `date_added` UTC as Order Desk
 *   writes it; `null` and `undefined` members do not exist
 */
export function newOrder(order: Patch, options: NoteOptions, at = ''): Outcome<Made> {
  const refusals = new Refusals();
  const given = present(order);
  let record = mergeRecord({}, given, NEW_ORDER, at, refusals);
  record = { ...record, order_items: readNewItems(given.order_items, below(at, 'order_items'), refusals) };
  if (given.order_notes !== undefined) {
    const { notes } = appendNotes([], given.order_notes, options, below(at, 'order_notes'), refusals);
    record = { ...record, order_notes: notes };
  }
  if (!hasName(record)) {
    refusals.add(
      below(at, 'shipping'),
      'must name somebody',
      'Order Desk takes no order without a first or last name or a company, in shipping or customer.',
    );
  }
  const date = own(record, 'date_added');
  if (typeof date === 'string' && !ORDER_DATE.test(date)) {
    refusals.add(below(at, 'date_added'), 'is not a date like 2026-01-31 15:04:05, in UTC');
  }
  checkMaps({}, record, at, refusals);
  return refusals.or({ record });
}

const hasName = (order: Raw): boolean =>
  [own(order, 'shipping'), own(order, 'customer')].some(
    (address) => isMap(address) && NAMES.some((name) => isFilled(own(address, name))),
  );

const isFilled = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';

export function newItem(item: Patch, at = 'item'): Outcome<Made> {
  const refusals = new Refusals();
  const record = readNewItem(present(item), at, refusals);
  return refusals.or({ record });
}

export function newInventoryItem(item: Patch, at = 'item'): Outcome<Made> {
  const refusals = new Refusals();
  const given = present(item);
  for (const key of ['name', 'code']) {
    if (given[key] === undefined) refusals.add(below(at, key), 'is missing');
  }
  return refusals.or({ record: mergeRecord({}, given, INVENTORY, at, refusals) });
}

const present = (record: Patch): Raw =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== null));

/** The text of an entry of the history, whose length Order Desk bounds as that of a note. */
export function checkedNote(note: unknown, at = 'note'): Outcome<{ readonly note: string }> {
  const refusals = new Refusals();
  return refusals.or({ note: checkNote(note, at, refusals) ? note : '' });
}
