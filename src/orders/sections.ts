/** The parts of an order as answers show them: short names, no empty extras, every text bounded. */
import type { AddressView, ItemView, OrderView, ShipmentView } from '../orderdesk/views.js';
import { fitEntries } from './budget.js';
import { itemsOf, type Sent } from './joined.js';
import { clip, clipMap, clipOrNull, clipValue } from './text.js';

/** Room for a text that is short by nature: a name, a city, a number. */
export const SHORT = 200;
/** Room for an id or a number; real ones have far less. */
export const NUMBER = 40;
/** Room for a note. Order Desk itself keeps less. */
const LONG = 4_000;

/** These are types and not interfaces: only a type counts as a map of unknown values. */
export type Address = {
  name: string | null;
  company: string | null;
  lines: string[];
  city: string | null;
  state: string | null;
  postal_code: string | null;
  country: string | null;
  phone: string | null;
};

export const addressOf = (view: AddressView): Address => ({
  name: personName(view),
  company: clipOrNull(view.company, SHORT),
  lines: view.lines.slice(0, 4).map((line) => clip(line, SHORT)),
  city: clipOrNull(view.city, SHORT),
  state: clipOrNull(view.state, SHORT),
  postal_code: clipOrNull(view.postalCode, SHORT),
  country: clipOrNull(view.country, SHORT),
  phone: clipOrNull(view.phone, SHORT),
});

export function personName(view: AddressView): string | null {
  const name = [view.firstName, view.lastName].filter((part) => part !== null).join(' ');
  return name === '' ? null : clip(name, SHORT);
}

export type Item = {
  id: string;
  code: string | null;
  name: string;
  quantity: number;
  price: string;
  weight?: string;
  delivery_type?: string;
  category?: string;
  fulfillment_method?: string;
  shipped_units?: number;
  shipped_in?: string[];
  variations?: Record<string, string>;
  metadata?: Record<string, unknown>;
};

/** @param sent what shipments hold of it */
export const itemOf = (view: ItemView, withMetadata: boolean, sent: Sent | undefined): Item => ({
  id: clip(view.id, NUMBER),
  code: clipOrNull(view.code, SHORT),
  name: clip(view.name, 500),
  quantity: view.quantity,
  price: clip(view.price, NUMBER),
  ...(view.weight === null ? {} : { weight: clip(view.weight, NUMBER) }),
  ...(view.deliveryType === null ? {} : { delivery_type: clip(view.deliveryType, SHORT) }),
  ...(view.category === null ? {} : { category: clip(view.category, SHORT) }),
  ...(view.fulfillmentMethod === null ? {} : { fulfillment_method: clip(view.fulfillmentMethod, SHORT) }),
  ...(sent === undefined ? {} : { shipped_units: sent.units, shipped_in: shipmentIds(sent.shipments) }),
  ...(isEmpty(view.variations) ? {} : { variations: clipMap(view.variations, LONG, clip) }),
  ...(withMetadata && !isEmpty(view.metadata) ? { metadata: clipMap(view.metadata, LONG, clipValue) } : {}),
});

const IDS_SHOWN = 20;

function shipmentIds(ids: readonly string[]): string[] {
  const shown = ids.slice(0, IDS_SHOWN).map((id) => clip(id, NUMBER));
  const more = ids.length - shown.length;
  return more > 0 ? [...shown, `… and ${more} more`] : shown;
}

export type Shipment = {
  id: string;
  tracking_number: string | null;
  carrier: string | null;
  method: string | null;
  date_shipped: string | null;
  added: string | null;
  tracking_url?: string;
  weight?: string;
  cost?: string;
  status?: string;
  items?: ShippedLine[];
  /** Lines left out because there were too many. */
  items_omitted?: number;
};

type ShippedLine = { id: string | null; code: string | null; quantity: number };

/** @param items of the order: lines that name one of them by code or by id only get the other as well */
export const shipmentOf = (view: ShipmentView, items: OrderView['items']): Shipment => ({
  id: clip(view.id, NUMBER),
  tracking_number: clipOrNull(view.trackingNumber, SHORT),
  carrier: clipOrNull(view.carrier, SHORT),
  method: clipOrNull(view.method, SHORT),
  date_shipped: view.dateShipped,
  added: view.addedAt,
  ...(view.trackingUrl === null ? {} : { tracking_url: clip(view.trackingUrl, 1_000) }),
  ...(view.weight === null ? {} : { weight: clip(view.weight, NUMBER) }),
  ...(view.cost === null ? {} : { cost: clip(view.cost, NUMBER) }),
  ...(view.status === null ? {} : { status: clip(view.status, SHORT) }),
  ...(view.items.length === 0 ? {} : shippedLines(view.items, items)),
});

function shippedLines(lines: ShipmentView['items'], items: OrderView['items']) {
  const named = lines.map((line): ShippedLine => {
    const [item, ...others] = itemsOf(line, items);
    const only = others.length === 0 ? item : undefined;
    return {
      id: clipOrNull(line.id ?? only?.id ?? null, NUMBER),
      code: clipOrNull(line.code ?? only?.code ?? null, SHORT),
      quantity: line.quantity,
    };
  });
  const { kept, dropped } = fitEntries(named, LONG);
  return { items: kept, ...(dropped === 0 ? {} : { items_omitted: dropped }) };
}

export type Note = {
  at: string | null;
  by: string | null;
  text: string;
};

/** Newest first, so that what does not fit is the oldest. */
export const notesOf = (notes: OrderView['notes']): Note[] =>
  notes
    .map(({ at, by, text }) => ({ at, by: clipOrNull(by, SHORT), text: clip(text, LONG) }))
    .sort((a, b) => compareText(b.at ?? '', a.at ?? ''));

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export type Totals = {
  product: string;
  shipping: string;
  handling: string;
  tax: string;
  discount: string;
  order: string;
  refund: string;
};

export const totalsOf = ({ totals }: OrderView): Totals => ({
  product: clip(totals.product, NUMBER),
  shipping: clip(totals.shipping, NUMBER),
  handling: clip(totals.handling, NUMBER),
  tax: clip(totals.tax, NUMBER),
  discount: clip(totals.discount, NUMBER),
  order: clip(totals.order, NUMBER),
  refund: clip(totals.refund, NUMBER),
});

export type Discount = {
  name: string;
  code: string | null;
  amount: string;
};

export const discountsOf = ({ discounts }: OrderView): Discount[] =>
  discounts.map(({ name, code, amount }) => ({
    name: clip(name, SHORT),
    code: clipOrNull(code, SHORT),
    amount: clip(amount, NUMBER),
  }));

const isEmpty = (map: Readonly<Record<string, unknown>>): boolean => Object.keys(map).length === 0;
