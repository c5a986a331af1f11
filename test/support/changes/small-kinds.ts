/** Two small kinds of change: the e-mail address of an order, and a move with one request for each order. */
import type { ChangeType, ChangeTypes, Step, Verdict } from '../../../src/changes/change-type.js';
import type { ChangeKind, ChangeLine, Target } from '../../../src/changes/port.js';
import { AppError } from '../../../src/errors.js';
import { orderVersion } from '../../../src/orders/version.js';

const target = (id: string): Target => ({ kind: 'order', id });

interface EmailProbe {
  readonly id: string;
  readonly before: unknown;
  readonly after: unknown;
}

const emailKind: ChangeType<'order_update'> = {
  kind: 'order_update',
  locks: ({ orderId }) => [`order:${orderId}`],
  calls: () => 2,
  effects: ({ steps }) => steps.length,
  async plan(intent, { reads, store, ctx }) {
    const { raw } = await reads.order(store, intent.orderId, ctx);
    const version = orderVersion(raw);
    const [restored] = 'fields' in intent ? intent.fields : [];
    if (restored !== undefined && raw.email !== restored.after) throw new AppError('cannot_undo');
    const after = 'fields' in intent ? restored?.before : intent.patch.email;
    if ('patch' in intent && intent.expectedVersion !== undefined && intent.expectedVersion !== version) {
      throw new AppError('version_conflict');
    }
    const line: ChangeLine = {
      target: target(intent.orderId),
      outcome: 'applied',
      fields: [{ path: ['email'], before: raw.email, after }],
    };
    const plan = { seen: [version], version, remarks: ['It says who is written to.'] };
    if (raw.email === after) {
      return { ...plan, lines: [{ ...line, outcome: 'already', fields: [] }], steps: [] };
    }
    const probe: EmailProbe = { id: intent.orderId, before: raw.email, after };
    const body = JSON.stringify({ ...raw, email: after });
    const request = { method: 'PUT', route: '/orders/{id}', ids: [intent.orderId], body } as const;
    return { ...plan, lines: [line], steps: [{ request, lines: [{ index: 0, line }], probe }] };
  },
  async read(step, body) {
    const order = body.order as Record<string, unknown>;
    return { lines: step.lines.map(({ line }) => line), order };
  },
  async look({ lines, probe }, { reads, store, ctx }) {
    const { id, before, after } = probe as EmailProbe;
    const { email } = (await reads.order(store, id, ctx)).raw;
    const found = email === after ? 'applied' : email === before ? 'not_applied' : 'unclear';
    return lines.map(({ index }): Verdict => ({ index, found }));
  },
  besides: async () => ['Order Desk may recompute.'],
  inverse: ({ lines }) => ({
    kind: 'order_update',
    intent: { orderId: lines[0]?.target.id ?? '', fields: lines[0]?.fields ?? [] },
    remarks: ['It is as it was.'],
  }),
  undoable: true,
};

const moveKind: ChangeType<'orders_move'> = {
  kind: 'orders_move',
  locks: ({ orderIds }) => orderIds.map((id) => `order:${id}`),
  calls: ({ orderIds }) => orderIds.length,
  effects: ({ steps }) => steps.reduce((sum, { lines }) => sum + lines.length, 0),
  async plan({ orderIds, folderId, back }, _around, done) {
    const lines = orderIds.map(
      (id, index): ChangeLine => done.get(index) ?? { target: target(id), outcome: 'applied', fields: [] },
    );
    const steps = [...lines.entries()].flatMap(([index, line]): Step[] => {
      if (done.has(index)) return [];
      const orderId = line.target.id ?? '';
      const folder = Number(back?.[orderId]?.to ?? folderId);
      const body = JSON.stringify({ order_id_list: [Number(orderId)], destination_folder_id: folder });
      const request = { method: 'POST', route: '/move-orders', body, orderIds: [orderId] } as const;
      return [{ request, lines: [{ index, line }], probe: { orderId, folder } }];
    });
    return { lines, steps, seen: [], remarks: [] };
  },
  async read(step, body) {
    const results = body.results as { message: string; original_folder_id?: number }[];
    return {
      lines: step.lines.map(({ line }, place) => {
        const { folder } = step.probe as { folder: number };
        const before = results[place]?.original_folder_id;
        if (before === undefined) return { ...line, outcome: 'failed', message: 'There is no such order.' };
        return { ...line, fields: [{ path: ['folder_id'], before, after: folder }] };
      }),
    };
  },
  async look({ lines, probe }, { reads, store, ctx }) {
    const { orderId, folder } = probe as { orderId: string; folder: number };
    const { raw } = await reads.order(store, orderId, ctx);
    return lines.map(
      ({ index }): Verdict => ({
        index,
        found: raw.folder_id === folder ? 'applied' : 'not_applied',
      }),
    );
  },
  besides: async () => [],
  inverse: ({ lines }) => ({
    kind: 'orders_move',
    intent: {
      orderIds: lines.map(({ target: { id } }) => id ?? ''),
      folderId: '0',
      back: Object.fromEntries(
        lines.map(({ target: { id }, fields }) => [
          id ?? '',
          { from: String(fields[0]?.after), to: String(fields[0]?.before) },
        ]),
      ),
    },
    remarks: [],
  }),
  undoable: true,
  confirm: 'moves',
};

const absent = <K extends ChangeKind>(kind: K): ChangeType<K> => {
  const no = (): never => {
    throw new AppError('cannot_undo', `This test has no ${kind}.`);
  };
  return {
    kind,
    locks: no,
    calls: no,
    effects: no,
    plan: no,
    read: no,
    look: no,
    besides: no,
    inverse: no,
    undoable: false,
  };
};

export const smallKinds: ChangeTypes = {
  order_update: emailKind,
  orders_move: moveKind,
  order_create: absent('order_create'),
  order_delete: absent('order_delete'),
  note_add: absent('note_add'),
  item_add: absent('item_add'),
  item_update: absent('item_update'),
  item_remove: absent('item_remove'),
  shipments_add: absent('shipments_add'),
  shipment_update: absent('shipment_update'),
  shipments_delete: absent('shipments_delete'),
  inventory_update: absent('inventory_update'),
  inventory_create: absent('inventory_create'),
  inventory_delete: absent('inventory_delete'),
};
