/** Kinds of change worked by hand, without the engine: planned, sent and read over the real client, before a sandbox. */
import type {
  ChangeType,
  OpenStep,
  Plan,
  RecordedChange,
  Surroundings,
} from '../../../src/changes/change-type.js';
import type { Intents } from '../../../src/changes/intents.js';
import type { ChangeKind, ChangeLine } from '../../../src/changes/port.js';
import type { OrderDesk } from '../../../src/orderdesk/orderdesk.js';
import {
  type Sandbox,
  type SandboxStore,
  type SandboxSwitches,
  startSandbox,
} from '../../../src/sandbox/index.js';
import { storeEntry } from '../../unit/orderdesk/records.js';
import { orderDeskOn } from '../order-desk-on.js';

export interface Room {
  readonly sandbox: Sandbox;
  readonly shop: SandboxStore;
  readonly around: Surroundings;
  /** Requests since the room was opened, folders cached before: method and path, less the query. */
  readonly requests: string[];
  /** Plans, sends every step and reads its answer. @throws AppError what a write failed by, or was lost by */
  run<K extends ChangeKind>(type: ChangeType<K>, intent: Intents[K], previewed?: boolean): Promise<Ran>;
  /** Plans, and sends the first step, whose answer is lost by a fault that the caller has set. */
  lose<K extends ChangeKind>(type: ChangeType<K>, intent: Intents[K], previewed?: boolean): Promise<OpenStep>;
  close(): Promise<void>;
}

export interface Ran {
  readonly plan: Plan;
  readonly lines: readonly ChangeLine[];
  readonly remarks: readonly string[];
  readonly recorded: RecordedChange;
}

export async function openRoom(switches: Partial<SandboxSwitches> = {}, orderCount = 30): Promise<Room> {
  const requests: string[] = [];
  const sandbox = await startSandbox({
    stores: [{ id: '501', apiKey: 'key-of-501', name: 'Moved', orderCount }],
    rateLimit: false,
    switches,
    onRequest: ({ method, url }) => requests.push(`${method} ${url.replace('/api/v2', '').split('?')[0]}`),
  });
  const shop = sandbox.store('501');
  const orderDesk = orderDeskOn(sandbox, shop, { random: () => 0 });
  const store = storeEntry({ orderDeskId: '501' });
  const ctx = { signal: new AbortController().signal };
  const around: Surroundings = {
    store,
    storeView: () => orderDesk.gateway.store(store, ctx),
    reads: orderDesk.fresh,
    ctx,
    changeId: '01900000-0000-7000-8000-000000000001',
    now: () => new Date(),
  };
  await around.storeView();
  requests.length = 0;
  return {
    sandbox,
    shop,
    around,
    requests,
    run: (type, intent, previewed = false) => run(orderDesk, type, intent, { ...around, previewed }),
    async lose(type, intent, previewed = false) {
      const sentAt = new Date();
      const { steps } = await type.plan(intent, { ...around, previewed }, new Map());
      const [step] = steps;
      if (step === undefined) throw new Error('There is nothing to be sent.');
      const { outcome } = await orderDesk.writes.write(store, step.request, ctx);
      if (outcome !== 'unknown') throw new Error(`The answer was not lost: ${outcome}.`);
      return { lines: step.lines, probe: JSON.parse(JSON.stringify(step.probe)), sentAt };
    },
    async close() {
      await orderDesk.close();
      await sandbox.close();
    },
  };
}

async function run<K extends ChangeKind>(
  orderDesk: OrderDesk,
  type: ChangeType<K>,
  intent: Intents[K],
  around: Surroundings,
): Promise<Ran> {
  const sentAt = new Date();
  const plan = await type.plan(intent, around, new Map());
  const lines = [...plan.lines];
  const remarks = [...plan.remarks];
  for (const step of plan.steps) {
    const written = await orderDesk.writes.write(around.store, step.request, around.ctx);
    if (written.outcome === 'unknown') throw written.error;
    const answered =
      written.outcome === 'applied'
        ? await type.read(step, written.body, around)
        : { lines: await refused(type, step, written.error, around) };
    for (const [at, { index }] of step.lines.entries()) {
      const line = answered.lines[at];
      if (line !== undefined) lines[index] = line;
    }
    if ('remarks' in answered) remarks.push(...(answered.remarks ?? []));
  }
  const recorded = { id: around.changeId, kind: type.kind, lines, records: plan.records ?? {}, sentAt };
  return { plan, lines, remarks, recorded };
}

async function refused<K extends ChangeKind>(
  type: ChangeType<K>,
  step: Plan['steps'][number],
  error: Parameters<NonNullable<ChangeType<K>['refused']>>[1],
  around: Surroundings,
): Promise<readonly ChangeLine[]> {
  if (type.refused === undefined) throw error;
  return type.refused(step, error, around);
}
