/** One kind of change before a sandbox, step by step as the engine goes, with every request that it makes. */
import { randomUUID } from 'node:crypto';
import type { ChangeType, Plan, Step, Verdict } from '../../../src/changes/change-type.js';
import type { Intents } from '../../../src/changes/intents.js';
import type { ChangeKind, ChangeLine } from '../../../src/changes/port.js';
import type { WriteOutcome } from '../../../src/orderdesk/write-outcome.js';
import { type Sandbox, type SandboxSwitches, startSandbox } from '../../../src/sandbox/index.js';
import { storeEntry } from '../../unit/orderdesk/records.js';
import { orderDeskOn } from '../order-desk-on.js';

const STORE = { id: '612', apiKey: 'key-of-612', name: 'Parts', orderCount: 0 };
const FIRST_ORDER = 5001;

export type SandboxOrder = NonNullable<ReturnType<ReturnType<Sandbox['store']>['order']>>;

export interface Run {
  readonly plan: Plan;
  readonly lines: readonly ChangeLine[];
  /** Method and path of each request, in the order in which they came. */
  readonly requests: readonly string[];
  readonly outcomes: readonly WriteOutcome['outcome'][];
}

export interface PartsRoom {
  readonly sandbox: Sandbox;
  readonly changeId: string;
  /** Plans, sends and reads; of a lost answer, the line stays as it was planned. */
  run<K extends ChangeKind>(
    type: ChangeType<K>,
    intent: Intents[K],
    done?: ReadonlyMap<number, ChangeLine>,
  ): Promise<Run>;
  preview<K extends ChangeKind>(type: ChangeType<K>, intent: Intents[K]): Promise<Plan>;
  /** What an answer says of a step. */
  read<K extends ChangeKind>(
    type: ChangeType<K>,
    step: Step,
    body: Readonly<Record<string, unknown>>,
  ): Promise<readonly ChangeLine[]>;
  /** Looks after each step of the plan, as another process would. */
  look<K extends ChangeKind>(type: ChangeType<K>, plan: Plan): Promise<readonly Verdict[]>;
  /** The inverse of a change that the ledger has. */
  inverse<K extends ChangeKind>(type: ChangeType<K>, run: Run): ReturnType<ChangeType<K>['inverse']>;
  /** From now on, changes have another id. */
  nextChange(): void;
  order(id?: string): SandboxOrder;
  close(): Promise<void>;
}

/** Orders 5001 and up, each with two items. */
export async function openPartsRoom(orders = 1, switches: Partial<SandboxSwitches> = {}): Promise<PartsRoom> {
  const requests: string[] = [];
  const sandbox = await startSandbox({
    stores: [STORE],
    rateLimit: false,
    switches,
    onRequest: ({ method, url }) => requests.push(`${method} ${url.replace('/api/v2', '')}`),
  });
  const kept = sandbox.store(STORE.id);
  for (let at = 0; at < orders; at += 1) kept.insertOrder(orderOf(FIRST_ORDER + at));
  const orderDesk = orderDeskOn(sandbox, STORE, { random: () => 0 });
  const store = storeEntry({ orderDeskId: STORE.id });
  const ctx = { signal: new AbortController().signal };
  let changeId = randomUUID();
  const around = (previewed: boolean) => ({
    store,
    storeView: () => orderDesk.gateway.store(store, ctx),
    reads: orderDesk.fresh,
    ctx,
    changeId,
    now: () => new Date(),
    previewed,
  });

  async function after<K extends ChangeKind>(type: ChangeType<K>, step: Step, outcome: WriteOutcome) {
    const planned = step.lines.map(({ line }) => line);
    if (outcome.outcome === 'applied') return (await type.read(step, outcome.body, around(false))).lines;
    if (outcome.outcome === 'unknown') return planned;
    const failed = planned.map((line): ChangeLine => ({ ...line, outcome: 'failed' }));
    return type.refused?.(step, outcome.error, around(false)) ?? failed;
  }

  return {
    sandbox,
    get changeId() {
      return changeId;
    },
    async run(type, intent, done = new Map()) {
      requests.length = 0;
      const plan = await type.plan(intent, around(false), done);
      const lines = [...plan.lines];
      const outcomes: WriteOutcome['outcome'][] = [];
      for (const step of plan.steps) {
        const outcome = await orderDesk.writes.write(store, step.request, ctx);
        outcomes.push(outcome.outcome);
        const said = await after(type, step, outcome);
        for (const [place, { index }] of step.lines.entries())
          lines[index] = said[place] ?? lines[index] ?? NONE;
      }
      return { plan, lines, requests: [...requests], outcomes };
    },
    read: async (type, step, body) => (await type.read(step, body, around(false))).lines,
    preview: (type, intent) => type.plan(intent, around(true), new Map()),
    async look(type, plan) {
      const verdicts: Verdict[] = [];
      for (const { lines, probe } of plan.steps) {
        const open: Pick<Step, 'lines' | 'probe'> = JSON.parse(JSON.stringify({ lines, probe }));
        verdicts.push(...(await type.look({ ...open, sentAt: new Date() }, around(false))));
      }
      return verdicts;
    },
    inverse: (type, { plan, lines }) =>
      type.inverse({
        id: changeId,
        kind: type.kind,
        lines: JSON.parse(JSON.stringify(lines)),
        records: JSON.parse(JSON.stringify(plan.records ?? {})),
        sentAt: new Date(),
      }),
    nextChange() {
      changeId = randomUUID();
    },
    order(id = String(FIRST_ORDER)) {
      const order = kept.order(id);
      if (order === undefined) throw new Error(`The sandbox has no order ${id}.`);
      return order;
    },
    async close() {
      await orderDesk.close();
      await sandbox.close();
    },
  };
}

/** The intent of an inverse. @throws Error where it is of another kind */
export function intentFor<K extends ChangeKind>(
  type: ChangeType<K>,
  { kind, intent }: { readonly kind: ChangeKind; readonly intent: Intents[ChangeKind] },
): Intents[K] {
  if (kind !== type.kind) throw new Error(`The inverse is ${kind}.`);
  return intent as Intents[K];
}

const NONE: ChangeLine = { target: { kind: 'order', id: null }, outcome: 'unknown', fields: [] };

const orderOf = (id: number) => ({
  id: String(id),
  date_updated: '2026-01-01 00:00:00',
  email: 'wilhelmina@shop.example',
  shipping: { first_name: 'Wilhelmina', last_name: 'Testwick', country: 'US' },
  order_items: [
    itemOf({ id: `${id}01`, name: 'Black Shirt', code: 'SHIRT', x_batch: { lot: 7 } }),
    itemOf({ id: `${id}02`, name: 'Blue Cap', code: 'CAP', metadata: { print_sku: 'P-1' } }),
  ],
});

const itemOf = (change: object) => ({
  id: '',
  name: '',
  price: 5.5,
  quantity: 2,
  weight: 0.25,
  code: '',
  delivery_type: 'ship',
  category_code: 'apparel',
  fulfillment_method: '',
  variation_list: { Size: 'L' },
  metadata: [],
  ...change,
});
