/**
 * What happened to orders at the sandbox, in the order in which it happened there: our reads and writes, and what somebody
 * else changed directly. All of it passes through one process, so that whether an edit fell between a read and its write
 * is a matter of fact and not of clocks.
 */
import type { ApiRequest, OrderRecord, Sandbox } from '../../../src/sandbox/index.js';

/** By store and order: two stores may hold the same ids. */
export interface OrderName {
  readonly store: string;
  readonly order: string;
}

/** An edit of somebody else: a key of one of the maps, the text of one more note, or a field that others set too. */
export type Edit =
  | { readonly part: 'checkout_data' | 'order_metadata'; readonly key: string; readonly value: string }
  | { readonly part: 'order_notes' | 'shipping_method'; readonly value: string };

interface Happened extends OrderName {
  /** Milliseconds of `performance.now()`. */
  readonly at: number;
}

export interface ReadEvent extends Happened {
  readonly kind: 'read';
}

export interface WriteEvent extends Happened {
  readonly kind: 'write';
  /** What was sent, and what stood there just before. */
  readonly sent: OrderRecord;
  readonly stood: OrderRecord;
}

export interface EditEvent extends Happened {
  readonly kind: 'edit';
  readonly edit: Edit;
}

export type OrderEvent = ReadEvent | WriteEvent | EditEvent;

const ORDER_PATH = /\/orders\/(\d+)$/;

export class OrderLog {
  readonly events: OrderEvent[] = [];
  #sandbox: Sandbox | undefined;
  #waiting: { readonly fits: (event: OrderEvent) => boolean; readonly met: () => void }[] = [];

  /** Is to be the sandbox's `onRequest`: it hears of a request just before the sandbox reads or writes the record. */
  readonly onRequest = ({ method, url, headers, body }: ApiRequest): void => {
    const order = ORDER_PATH.exec(url.split('?')[0] ?? '')?.[1];
    if (order === undefined) return;
    const name = { store: `${headers['orderdesk-store-id']}`, order };
    if (method === 'GET') this.#add({ ...name, kind: 'read', at: performance.now() });
    const stood = this.record(name);
    if (method !== 'PUT' || stood === undefined) return;
    this.#add({ ...name, kind: 'write', at: performance.now(), sent: JSON.parse(body ?? ''), stood });
  };

  of(sandbox: Sandbox): this {
    this.#sandbox = sandbox;
    return this;
  }

  record({ store, order }: OrderName): OrderRecord | undefined {
    return this.#sandbox?.store(store).order(order);
  }

  /** Somebody else changes the order, now. */
  edit({ store, order }: OrderName, edit: Edit): void {
    const record = this.record({ store, order });
    if (record === undefined) throw new Error(`There is no order ${order}.`);
    this.#sandbox?.store(store).changeOrder(order, changed(record, edit));
    this.#add({ store, order, kind: 'edit', at: performance.now(), edit });
  }

  about({ store, order }: OrderName): readonly OrderEvent[] {
    return this.events.filter((event) => event.store === store && event.order === order);
  }

  /** Resolves with the next event that fits. */
  next(fits: (event: OrderEvent) => boolean): Promise<void> {
    return new Promise((met) => this.#waiting.push({ fits, met }));
  }

  #add(event: OrderEvent): void {
    this.events.push(event);
    for (const { met } of this.#waiting.filter(({ fits }) => fits(event))) met();
    this.#waiting = this.#waiting.filter(({ fits }) => !fits(event));
  }
}

function changed(record: OrderRecord, edit: Edit): Partial<OrderRecord> {
  if ('key' in edit) return { [edit.part]: { ...entriesOf(record[edit.part]), [edit.key]: edit.value } };
  if (edit.part === 'shipping_method') return { shipping_method: edit.value };
  const note = { date_added: '2026-01-05 10:00:00', username: 'Somebody else', content: edit.value };
  return { order_notes: [...record.order_notes, note] };
}

/** An empty map is an empty list at Order Desk. */
export const entriesOf = (map: OrderRecord['checkout_data']): Readonly<Record<string, unknown>> =>
  Array.isArray(map) ? {} : { ...map };

export interface Window {
  readonly read: ReadEvent;
  readonly write: WriteEvent;
  /** What somebody else changed between the two. */
  readonly edits: readonly EditEvent[];
}

/** Between each write and the read before it. @param events of one order */
export function windowsOf(events: readonly OrderEvent[]): readonly Window[] {
  const windows: Window[] = [];
  let open: { readonly read: ReadEvent; readonly edits: EditEvent[] } | undefined;
  for (const event of events) {
    if (event.kind === 'read') open = { read: event, edits: [] };
    else if (event.kind === 'edit') open?.edits.push(event);
    else if (open === undefined) throw new Error('An order was written that nobody had read.');
    else {
      windows.push({ ...open, write: event });
      open = undefined;
    }
  }
  return windows;
}
