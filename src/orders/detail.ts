/** One order in full, by sections, fitted to a size: long lists lose whole entries from their end, and are counted. */
import type { OrderView } from '../orderdesk/views.js';
import { fitEntries, jsonSize, shareRoom } from './budget.js';
import { sentByItem } from './joined.js';
import {
  type Address,
  addressOf,
  type Discount,
  discountsOf,
  type Item,
  itemOf,
  type Note,
  NUMBER,
  notesOf,
  SHORT,
  type Shipment,
  shipmentOf,
  type Totals,
  totalsOf,
} from './sections.js';
import { type ShippedState, shippedState } from './shipped.js';
import { boundedEntries, clip, clipOrNull, clipValue } from './text.js';

export const SECTIONS = [
  'items',
  'shipments',
  'notes',
  'history',
  'addresses',
  'payment',
  'metadata',
] as const;
export type Section = (typeof SECTIONS)[number];

export const DEFAULT_SECTIONS = [
  'items',
  'shipments',
  'addresses',
  'payment',
] as const satisfies readonly Section[];

export interface OrderDetail {
  id: string;
  source_id: string | null;
  source_name: string | null;
  folder: string | null;
  folder_id: string | null;
  added: string;
  updated: string | null;
  email: string | null;
  customer_id: string | null;
  units: number;
  total: string;
  shipped: ShippedState;
  shipping_method: string | null;
  tag: string | null;
  fulfillment: string | null;
  checkout_data: Record<string, string>;
  ship_to?: Address;
  bill_to?: Address;
  payment?: { type: string | null; status: string | null; totals: Totals };
  discounts?: Discount[];
  items?: Item[];
  shipments?: Shipment[];
  notes?: Note[];
  history?: Note[];
  metadata?: Record<string, unknown>;
}

/** The parts that can lose entries. */
export type CountedPart =
  | 'items'
  | 'shipments'
  | 'notes'
  | 'history'
  | 'discounts'
  | 'checkout_data'
  | 'metadata';

export interface FittedDetail {
  readonly order: OrderDetail;
  /** How many entries of a part were left out; absent parts are whole. */
  readonly omitted: Partial<Record<CountedPart, number>>;
}

/** @param room characters of JSON that the order may have */
export function orderDetail(
  view: OrderView,
  folderName: (id: string) => string | null,
  include: readonly Section[],
  room: number,
): FittedDetail {
  const wanted = new Set(include);
  const order: OrderDetail = {
    ...core(view, folderName),
    ...(wanted.has('addresses')
      ? { ship_to: addressOf(view.shipping), bill_to: addressOf(view.customer) }
      : {}),
    ...(wanted.has('payment') ? { payment: paymentOf(view) } : {}),
  };
  const parts = partsOf(view, wanted, order);
  const shares = shareRoom(
    parts.map((part) => part.need),
    room - jsonSize(order),
  );
  const omitted: Partial<Record<CountedPart, number>> = {};
  parts.forEach((part, index) => {
    const dropped = part.fill(shares[index] ?? 0);
    if (dropped > 0) omitted[part.name] = dropped;
  });
  return { order, omitted };
}

const core = (view: OrderView, folderName: (id: string) => string | null): OrderDetail => ({
  id: clip(view.id, NUMBER),
  source_id: clipOrNull(view.sourceId, SHORT),
  source_name: clipOrNull(view.sourceName, SHORT),
  folder: view.folderId === null ? null : clipOrNull(folderName(view.folderId), SHORT),
  folder_id: clipOrNull(view.folderId, NUMBER),
  added: view.addedAt,
  updated: view.updatedAt,
  email: clipOrNull(view.email, SHORT),
  customer_id: clipOrNull(view.customerId, SHORT),
  units: view.totals.quantity,
  total: clip(view.totals.order, NUMBER),
  shipped: shippedState(view),
  shipping_method: clipOrNull(view.shippingMethod, SHORT),
  tag: clipOrNull(view.tag, SHORT),
  fulfillment: clipOrNull(view.fulfillment.name, SHORT),
  checkout_data: {},
});

const paymentOf = (view: OrderView) => ({
  type: clipOrNull(view.paymentType, SHORT),
  status: clipOrNull(view.paymentStatus, SHORT),
  totals: totalsOf(view),
});

/** A part before it is known how much of it fits. */
interface Part {
  readonly name: CountedPart;
  readonly need: number;
  /** Puts what fits into the order; returns how many entries did not. */
  fill(room: number): number;
}

function partsOf(view: OrderView, wanted: ReadonlySet<Section>, order: OrderDetail): Part[] {
  const parts: Part[] = [
    mapPart('checkout_data', view.checkoutData, clip, (kept) => {
      order.checkout_data = kept;
    }),
  ];
  if (wanted.has('items')) {
    const sent = sentByItem(view);
    const items = view.items.map((item) => itemOf(item, wanted.has('metadata'), sent.get(item)));
    parts.push(
      listPart('items', items, (kept) => {
        order.items = kept;
      }),
    );
  }
  if (wanted.has('shipments')) {
    parts.push(
      listPart(
        'shipments',
        view.shipments.map((shipment) => shipmentOf(shipment, view.items)),
        (kept) => {
          order.shipments = kept;
        },
      ),
    );
  }
  if (wanted.has('payment')) {
    parts.push(
      listPart('discounts', discountsOf(view), (kept) => {
        order.discounts = kept;
      }),
    );
  }
  if (wanted.has('notes')) {
    parts.push(
      listPart('notes', notesOf(view.notes), (kept) => {
        order.notes = kept;
      }),
    );
  }
  if (wanted.has('history')) {
    parts.push(
      listPart('history', notesOf(view.history), (kept) => {
        order.history = kept;
      }),
    );
  }
  if (wanted.has('metadata')) {
    parts.push(
      mapPart('metadata', view.metadata, clipValue, (kept) => {
        order.metadata = kept;
      }),
    );
  }
  return parts;
}

/** Room for the name of a part and its brackets. */
const FRAME = 24;

function listPart<T>(name: CountedPart, entries: readonly T[], put: (kept: T[]) => void): Part {
  return {
    name,
    need: FRAME + entries.reduce((sum, entry) => sum + jsonSize(entry) + 1, 0),
    fill(room) {
      const { kept, dropped } = fitEntries(entries, room - FRAME);
      put(kept);
      return dropped;
    },
  };
}

function mapPart<V>(
  name: CountedPart,
  map: Readonly<Record<string, V>>,
  clipEntry: (value: V, room: number) => V,
  put: (kept: Record<string, V>) => void,
): Part {
  const entries = [...boundedEntries(Object.entries(map), SHORT, (value) => clipEntry(value, 4_000))];
  return listPart(name, entries, (kept) => put(Object.fromEntries(kept)));
}
