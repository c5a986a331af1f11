/** The parts of an order as answers show them: short names, no empty extras, every text bounded. */
import type { AddressView, ItemView, OrderView, ShipmentView } from '../orderdesk/views.js';
import { clip, clipMap, clipOrNull, clipValue } from './text.js';

/** Room for a text that is short by nature: a name, a city, a number. */
export const SHORT = 200;
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
  variations?: Record<string, string>;
  metadata?: Record<string, unknown>;
};

export const itemOf = (view: ItemView, withMetadata: boolean): Item => ({
  id: view.id,
  code: clipOrNull(view.code, SHORT),
  name: clip(view.name, 500),
  quantity: view.quantity,
  price: view.price,
  ...(view.weight === null ? {} : { weight: view.weight }),
  ...(view.deliveryType === null ? {} : { delivery_type: clip(view.deliveryType, SHORT) }),
  ...(view.category === null ? {} : { category: clip(view.category, SHORT) }),
  ...(view.fulfillmentMethod === null ? {} : { fulfillment_method: clip(view.fulfillmentMethod, SHORT) }),
  ...(isEmpty(view.variations) ? {} : { variations: clipMap(view.variations, LONG, clip) }),
  ...(withMetadata && !isEmpty(view.metadata) ? { metadata: clipMap(view.metadata, LONG, clipValue) } : {}),
});

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
  items?: { id: string | null; code: string | null; quantity: number }[];
};

export const shipmentOf = (view: ShipmentView): Shipment => ({
  id: view.id,
  tracking_number: clipOrNull(view.trackingNumber, SHORT),
  carrier: clipOrNull(view.carrier, SHORT),
  method: clipOrNull(view.method, SHORT),
  date_shipped: view.dateShipped,
  added: view.addedAt,
  ...(view.trackingUrl === null ? {} : { tracking_url: clip(view.trackingUrl, 1_000) }),
  ...(view.weight === null ? {} : { weight: view.weight }),
  ...(view.cost === null ? {} : { cost: view.cost }),
  ...(view.status === null ? {} : { status: clip(view.status, SHORT) }),
  ...(view.items.length === 0
    ? {}
    : {
        items: view.items.slice(0, 50).map(({ id, code, quantity }) => ({
          id,
          code: clipOrNull(code, SHORT),
          quantity,
        })),
      }),
});

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
  product: totals.product,
  shipping: totals.shipping,
  handling: totals.handling,
  tax: totals.tax,
  discount: totals.discount,
  order: totals.order,
  refund: totals.refund,
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
    amount,
  }));

const isEmpty = (map: Readonly<Record<string, unknown>>): boolean => Object.keys(map).length === 0;
