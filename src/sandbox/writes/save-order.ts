/** What holds for every order that a client sends, be it new or a replacement. */
import { formatUtc, readDate } from '../dates.js';
import { failure } from '../envelope.js';
import type { HandlerContext } from '../handler.js';
import { totalsOf } from '../order-defaults.js';
import type { SandboxSwitches } from '../switches.js';
import type { NoteRecord, OrderRecord, PhpMap } from '../types.js';
import { type JsonObject, numberOr } from './json.js';
import { cutNote, done, invalid, type Outcome } from './refusals.js';

/** What an order lacks that a new one must have. */
export function problemsOf(order: OrderRecord, switches: SandboxSwitches): readonly string[] {
  const named = [order.shipping, order.customer].some(({ first_name, last_name, company }) =>
    switches.requiredName === 'any_part'
      ? first_name + last_name + company !== ''
      : company !== '' || (first_name !== '' && last_name !== ''),
  );
  return [
    ...(order.order_items.length === 0 ? ['At least one order item is required'] : []),
    ...(named ? [] : ['A name or a company is required']),
  ];
}

/** The folder that is named, `fallback` where none is, or a refusal for one that the store has not. */
export function folderOf(context: HandlerContext, source: JsonObject, fallback: number): Outcome<number> {
  const sent = source.folder_id;
  if (sent === undefined || sent === null || sent === '') return done(fallback);
  const id = Number(sent);
  if (id === fallback || context.records.folders().some((folder) => folder.id === id)) return done(id);
  return failure(context.switches.unknownFolder, 'Folder Not Found');
}

/** A date as it was sent, in the API's form; `undefined` for what is no date. */
export function dateOf(sent: string): string | undefined {
  const date = readDate(sent);
  return date === undefined ? undefined : formatUtc(date.wallClock);
}

const NO_DIGITS = /\D/g;

/** `cc_number` is never kept: its last four digits are. `undefined` where none was sent. */
export function maskedCard(source: JsonObject): string | undefined {
  const digits = String(source.cc_number ?? '').replaceAll(NO_DIGITS, '');
  return digits === '' ? undefined : `xxxxxxxxxxxx${digits.slice(-4)}`;
}

/** Order Desk API, orders: so many characters as JSON. */
const DATA_CAPS = [
  ['checkout_data', 3500],
  ['order_metadata', 2000],
] as const;

/** The order with its caps kept and its totals made. */
export function ready(context: HandlerContext, order: OrderRecord, source: JsonObject): Outcome<OrderRecord> {
  const { switches } = context;
  const overlong = DATA_CAPS.filter(([name, cap]) => JSON.stringify(order[name]).length > cap);
  const [first, ...others] = overlong.map(([name]) => `${name} is too long`);
  if (first !== undefined && switches.overlongData === 'refused') return invalid(switches, first, ...others);

  const blank: PhpMap<never> = [];
  const now = formatUtc(context.now());
  return done({
    ...order,
    ...Object.fromEntries(overlong.map(([name]) => [name, blank])),
    ...totals(order, source, switches),
    order_notes: order.order_notes.map((note) => dated(note, now)),
  });
}

function dated(note: NoteRecord, now: string): NoteRecord {
  return {
    ...note,
    date_added: note.date_added || now,
    content: cutNote(note.content, note.username),
  };
}

function totals(order: OrderRecord, source: JsonObject, switches: SandboxSwitches) {
  const computed = totalsOf(order);
  if (switches.computedTotals === 'computed') return computed;
  const sent = Object.entries(computed).map(([name, value]) => [name, numberOr(value)(source[name])]);
  return { ...computed, ...Object.fromEntries(sent) };
}

/** Without the history, which no order that is sent can change, and the card's number, which is never kept. */
export function withoutUnsettable(source: JsonObject): JsonObject {
  const { order_history: _history, cc_number: _card, ...rest } = source;
  return rest;
}
