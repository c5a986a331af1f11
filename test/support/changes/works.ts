/** Writes whose effects can be counted in Order Desk's own records: how often each line was carried out. */
import type { ChangeKind, ChangeRequest } from '../../../src/changes/port.js';
import type { OrderRecord, SandboxStore } from '../../../src/sandbox/index.js';
import type { Shop } from './engine-room.js';

export interface Work {
  readonly request: ChangeRequest;
  /** How often each line has been carried out since the work was made. */
  effects(): readonly number[];
}

interface Place {
  readonly shop: Shop;
  readonly upstream: SandboxStore;
  /** Of this work alone: it makes what is written unlike all else. */
  readonly key: string;
}

type MakeWork = (place: Place, orders: readonly OrderRecord[]) => Work;

/** What a kind of work takes of the store: so many orders, its own or not. */
export interface WorkKind {
  readonly name: string;
  readonly orders: number;
  /** Requests that write. */
  readonly steps: number;
  readonly make: MakeWork;
}

function requestOf<K extends ChangeKind>(
  { shop, key }: Place,
  tool: string,
  kind: K,
  intent: ChangeRequest<K>['intent'],
): ChangeRequest<K> {
  return {
    tool,
    kind,
    intent,
    args: { ...intent },
    store: shop.store,
    dryRun: false,
    idempotencyKey: key,
  };
}

const update: MakeWork = (place, [order]) => {
  const email = `${place.key}@example.com`;
  const orderId = order?.id ?? '';
  return {
    request: requestOf(place, 'update_order', 'order_update', { orderId, patch: { email } }),
    effects: () => [place.upstream.order(orderId)?.email === email ? 1 : 0],
  };
};

const create: MakeWork = (place) => {
  const email = `${place.key}@example.com`;
  const order = {
    email,
    source_id: place.key,
    source_name: 'Shopify',
    shipping: { first_name: 'Ada', last_name: 'Testwick', city: 'Exampleton' },
    order_items: [{ name: 'Black Shirt', code: 'SHIRT-L', price: 5.5, quantity: 2 }],
  };
  return {
    request: requestOf(place, 'create_order', 'order_create', { order }),
    effects: () => [place.upstream.orders().filter((made) => made.email === email).length],
  };
};

const move: MakeWork = (place, orders) => {
  const { upstream } = place;
  const [first, second] = upstream.folders();
  const isAtFirst = orders.every(({ folder_id }) => folder_id === first?.id);
  const folder = isAtFirst ? second : first;
  const moves = (orderId: string): number =>
    upstream.history(orderId).filter(({ note }) => note.startsWith('Order Moved')).length;
  const before = orders.map(({ id }) => moves(id));
  const intent = { orderIds: orders.map(({ id }) => id), folderId: String(folder?.id) };
  return {
    request: requestOf(place, 'move_orders', 'orders_move', intent),
    effects: () => orders.map(({ id }, index) => moves(id) - (before[index] ?? 0)),
  };
};

const ship: MakeWork = (place, orders) => {
  const trackingNumber = `1Z${place.key}`;
  const lines = orders.map(({ id }) => ({
    orderId: id,
    trackingNumber,
    fields: { carrier_code: 'UPS', shipment_method: 'Ground' },
  }));
  return {
    request: requestOf(place, 'add_shipments', 'shipments_add', { lines }),
    effects: () =>
      orders.map(({ id }) => {
        const shipments = place.upstream.order(id)?.order_shipments ?? [];
        return shipments.filter(({ tracking_number }) => tracking_number === trackingNumber).length;
      }),
  };
};

export const WORKS: readonly WorkKind[] = [
  { name: 'an update', orders: 1, steps: 1, make: update },
  { name: 'a new order', orders: 0, steps: 1, make: create },
  { name: 'a move', orders: 1, steps: 1, make: move },
  { name: 'a batch of one request', orders: 3, steps: 1, make: ship },
  { name: 'a batch of two requests', orders: 102, steps: 2, make: move },
];
