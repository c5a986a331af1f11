/** Kinds of change before a real sandbox, without the engine: planned, sent by the real client, read and looked for. */
import type { ChangeType, OpenStep, Plan, Surroundings } from '../../../src/changes/change-type.js';
import type { Intents } from '../../../src/changes/intents.js';
import type { ChangeKind, ChangeLine } from '../../../src/changes/port.js';
import { AppError } from '../../../src/errors.js';
import type { OrderDesk } from '../../../src/orderdesk/orderdesk.js';
import {
  type Fault,
  type OrderInput,
  type OrderRecord,
  type Sandbox,
  type SandboxStore,
  type SandboxSwitches,
  startSandbox,
} from '../../../src/sandbox/index.js';
import { storeEntry } from '../../unit/orderdesk/records.js';
import { orderDeskOn } from '../order-desk-on.js';

const STORE = { id: '601', apiKey: 'key-of-601', name: 'Changed', orderCount: 3 };
export const CHANGE = '01890000-0000-7000-8000-000000000001';

export interface CarriedOut {
  readonly plan: Plan;
  readonly lines: readonly ChangeLine[];
  readonly remarks: readonly string[];
  readonly order: Readonly<Record<string, unknown>> | undefined;
}

export interface Room {
  readonly sandbox: Sandbox;
  readonly store: SandboxStore;
  /** As the sandbox keeps it, less what every write sets. */
  held(orderId: string): Omit<OrderRecord, 'date_updated'>;
  insert(order?: OrderInput): OrderRecord;
  around(changeId?: string, previewed?: boolean): Surroundings;
  /** Plans, sends and reads, as the engine does when nothing goes wrong; throws what it would tell the caller. */
  carryOut<K extends ChangeKind>(
    type: ChangeType<K>,
    intent: Intents[K],
    around?: Surroundings,
  ): Promise<CarriedOut>;
  /** Sends what was planned against a fault, and says what looking finds. */
  lose<K extends ChangeKind>(
    type: ChangeType<K>,
    intent: Intents[K],
    fault: Fault['kind'] & ('reset' | 'reset_after'),
    meanwhile?: () => void,
  ): Promise<Awaited<ReturnType<ChangeType<K>['look']>>>;
  /** Requests since the last time this was asked, by method and path. */
  requests(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

export async function openRoom(switches: Partial<SandboxSwitches> = {}): Promise<Room> {
  const sandbox = await startSandbox({ stores: [STORE], rateLimit: false, switches });
  const orderDesk: OrderDesk = orderDeskOn(sandbox, STORE, { random: () => 0 });
  const store = sandbox.store(STORE.id);
  const entry = storeEntry({ orderDeskId: STORE.id });
  const ctx = { signal: new AbortController().signal };

  const around = (changeId = CHANGE, previewed = false): Surroundings => ({
    store: entry,
    storeView: () => orderDesk.gateway.store(entry, ctx),
    reads: orderDesk.fresh,
    ctx,
    changeId,
    now: () => new Date(),
    previewed,
  });

  return {
    sandbox,
    store,
    held(orderId) {
      const order = store.order(orderId);
      if (order === undefined) throw new Error(`order ${orderId} is gone`);
      const { date_updated: _updated, ...rest } = order;
      return rest;
    },
    insert: (order = {}) => store.insertOrder({ ...AN_ORDER, ...order }),
    around,

    async carryOut(type, intent, surroundings = around()) {
      const plan = await type.plan(intent, surroundings, new Map());
      let lines = plan.lines;
      let order: CarriedOut['order'];
      const remarks = [...plan.remarks];
      for (const step of plan.steps) {
        const outcome = await orderDesk.writes.write(entry, step.request, ctx);
        if (outcome.outcome === 'failed') {
          throw (await type.refusedAs?.(step, outcome.error, surroundings)) ?? outcome.error;
        }
        if (outcome.outcome === 'unknown') throw outcome.error;
        const answered = await type.read(step, outcome.body, surroundings);
        lines = answered.lines;
        order = answered.order;
        remarks.push(...(answered.remarks ?? []));
      }
      return { plan, lines, order, remarks };
    },

    async lose(type, intent, kind, meanwhile = () => {}) {
      const surroundings = around();
      const plan = await type.plan(intent, surroundings, new Map());
      const [step] = plan.steps;
      if (step === undefined) throw new Error('nothing to send');
      const heal = sandbox.fail({
        kind,
        match: (method) => method !== 'GET',
        times: Number.POSITIVE_INFINITY,
      });
      const sentAt = new Date();
      await orderDesk.writes.write(entry, step.request, ctx);
      heal();
      meanwhile();
      const { lines, probe } = step;
      const open: OpenStep = { lines, probe: JSON.parse(JSON.stringify(probe)), sentAt };
      return type.look(open, surroundings);
    },

    requests() {
      const { requests } = sandbox.counters();
      sandbox.resetCounters();
      return requests;
    },

    async close() {
      await orderDesk.close();
      await sandbox.close();
    },
  };
}

/** Makes orders whose history takes no more. */
export function withFullHistory(room: Room): Room & { insertFull(): string } {
  return {
    ...room,
    insertFull() {
      const { id } = room.insert();
      const [first, second] = room.store.folders();
      for (let moves = 0; moves < 250; moves += 1) {
        room.store.moveOrder(id, (moves % 2 === 0 ? second : first)?.id ?? 0);
      }
      return id;
    },
  };
}

/** The AppError that something ends with. */
export async function refusalOf(promise: Promise<unknown>): Promise<AppError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

/** Made up, with members that no version of ours knows. */
const AN_ORDER: OrderInput & Readonly<Record<string, unknown>> = {
  email: 'wilhelmina@shop.example',
  source_id: 'S-1',
  source_name: 'Shopify',
  cc_number_masked: 'xxxxxxxxxxxx4242',
  cc_exp: '02/2031',
  payment_type: 'Visa',
  shipping_total: 4.5,
  shipping: { first_name: 'Wilhelmina', last_name: 'Testwick', city: 'Exampleton', country: 'US' },
  customer: { first_name: 'Wilhelmina', last_name: 'Testwick', phone: '555-0100' },
  checkout_data: { 'Gift Message': 'Happy Birthday', Floor: '3' },
  order_metadata: { shopify_order_id: 7_000_000_001, flags: [true, null, { deep: 'é' }] },
  discount_list: [{ name: 'Discount', code: 'MN234', amount: '1.70' }],
  order_notes: [{ date_added: '2026-01-09 23:12:05', username: 'Rep', content: 'Called back' }],
  order_items: [
    { name: 'Black Shirt', code: 'SHIRT-L', price: 5.5, quantity: 2, weight: 0.25, metadata: { print: 'a' } },
    { name: 'Red Cap', code: 'CAP', price: 3, quantity: 1, weight: 0.1, variation_list: { Size: 'L' } },
  ],
  order_shipments: [],
  x_unknown: { list: [1, 'two', null], number: 0.1 },
};
