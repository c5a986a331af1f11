/** Deleting shipments of orders. Adding one again would tell the customer again, so there is no way back. */
import { AppError } from '../../errors.js';
import type { JsonRecord } from '../../orderdesk/parse/json.js';
import { orderVersion } from '../../orders/version.js';
import type { ChangeType, Plan, Step } from '../change-type.js';
import type { Intents } from '../intents.js';
import type { ChangeLine } from '../port.js';
import { changedSince, noSuchPart, partOf, partPath, unlessGone, wholeFields } from './order-part.js';
import { linesSent, onlyLine, orderIdOf, orderLock, orderTarget, verdicts } from './order-record.js';
import { otherwise, withNumber } from './shipment-lines.js';
import { readOrders } from './shipment-orders.js';

/** Each takes a read and a request: more do not fit into the time of a call. */
const MOST_AT_ONCE = 25;

type Wanted = Intents['shipments_delete']['shipments'][number];

export const shipmentsDelete: ChangeType<'shipments_delete'> = {
  kind: 'shipments_delete',
  undoable: false,
  confirm: 'deletes',
  locks: ({ shipments }) => ordersOf(shipments).map(orderLock),

  calls({ shipments }) {
    const now = shipments.slice(0, MOST_AT_ONCE);
    return ordersOf(now).length + now.length;
  },

  effects: linesSent,

  async plan({ shipments }, around, done): Promise<Plan> {
    const open = shipments.flatMap((wanted, index) => (done.has(index) ? [] : [{ wanted, index }]));
    const now = open.slice(0, MOST_AT_ONCE);
    const orders = await readOrders(ordersOf(now.map(({ wanted }) => wanted)), around);
    const found = new Map(
      now.map(({ wanted, index }) => [index, toDelete(wanted, orders.get(wanted.orderId), shipments.length)]),
    );
    const lines = shipments.map(
      ({ orderId }, index) => done.get(index) ?? found.get(index)?.line ?? laterLine(orderId),
    );
    const versions = [...orders.values()].filter((order) => order !== 'gone').map(orderVersion);
    const isOneOrder = ordersOf(shipments).length === 1;
    return {
      lines,
      steps: [...found].flatMap(([index, { line, shipment }]) => stepOf(index, line, shipment)),
      seen: versions,
      ...(isOneOrder && versions[0] !== undefined ? { version: versions[0] } : {}),
      records: Object.fromEntries([...found.values()].flatMap(({ shipment }) => recordOf(shipment))),
      remarks: [],
    };
  },

  async read(step) {
    return { lines: [onlyLine(step)] };
  },

  async look(step, { reads, store, ctx }) {
    const order = await unlessGone(() => reads.order(store, orderIdOf(step), ctx, { lenient: true }));
    if (order === undefined) return verdicts(step, 'unclear');
    const shipment = partOf(order.raw, 'order_shipments', String(step.probe));
    return verdicts(step, shipment === undefined ? 'applied' : 'not_applied');
  },

  async besides() {
    return [NO_WAY_BACK, 'The customer and the shop may have been told of the shipment already.'];
  },

  inverse() {
    throw new AppError('cannot_undo', NO_WAY_BACK, {
      hint: 'Where that is wanted nevertheless, add the shipment by a call of its own.',
    });
  },
};

const NO_WAY_BACK =
  'A deleted shipment cannot be restored: adding it again may mail the customer again, and gives it a new id.';

const ordersOf = (shipments: readonly Wanted[]): readonly string[] => [
  ...new Set(shipments.map(({ orderId }) => orderId)),
];

interface Found {
  readonly line: ChangeLine;
  /** `undefined` where there is nothing to be sent. */
  readonly shipment?: JsonRecord;
}

/** @throws AppError `not_found`, `cannot_undo`, `invalid_argument`, where it is the only one; of several, its line says so */
function toDelete(wanted: Wanted, order: JsonRecord | 'gone' | undefined, count: number): Found {
  const target = orderTarget(wanted.orderId);
  const chosen = order === undefined || order === 'gone' ? noSuchOrder() : choose(wanted, order);
  if (chosen instanceof AppError) {
    if (count === 1) throw chosen;
    return { line: { target, outcome: 'failed', fields: [], message: chosen.message } };
  }
  if (chosen === 'gone') return { line: { target, outcome: 'already', fields: [] } };
  const { label_image: _image, ...shown } = chosen;
  const fields = wholeFields('order_shipments', String(chosen.id), shown, 'before');
  return { line: { target, outcome: 'applied', fields }, shipment: shown };
}

function choose(wanted: Wanted, order: JsonRecord): JsonRecord | 'gone' | AppError {
  const { shipmentId, trackingNumber = '', unchangedFrom } = wanted;
  const byId = shipmentId === undefined ? undefined : partOf(order, 'order_shipments', shipmentId);
  const candidates =
    shipmentId === undefined ? withNumber(order, trackingNumber) : byId === undefined ? [] : [byId];
  const [shipment] = candidates;
  // An undo finds it gone: there is nothing left to be taken back.
  if (shipment === undefined) return unchangedFrom === undefined ? noSuchPart('order_shipments') : 'gone';
  if (candidates.length > 1) return severalOf(candidates.length);
  const differs = unchangedFrom === undefined ? [] : otherwise(shipment, unchangedFrom);
  return differs.length > 0 ? changedSince('order_shipments', differs) : shipment;
}

const noSuchOrder = (): AppError => new AppError('not_found', 'Order Desk has no such order in this store.');

const severalOf = (count: number): AppError =>
  new AppError('invalid_argument', `The order has ${count} shipments with this tracking number.`, {
    field: 'tracking_number',
    hint: 'Read the shipments of the order, and name the one that is meant by its id.',
  });

const laterLine = (orderId: string): ChangeLine => ({
  target: orderTarget(orderId),
  outcome: 'not_sent',
  fields: [],
  message: `A call deletes ${MOST_AT_ONCE} shipments at most; the same call with the same key goes on.`,
});

function stepOf(index: number, line: ChangeLine, shipment: JsonRecord | undefined): readonly Step[] {
  const orderId = line.target.id;
  if (shipment === undefined || orderId === null) return [];
  const id = String(shipment.id);
  return [
    {
      request: { method: 'DELETE', route: '/orders/{id}/shipments/{id}', ids: [orderId, id] },
      lines: [{ index, line }],
      probe: id,
    },
  ];
}

const recordOf = (shipment: JsonRecord | undefined): readonly [string, JsonRecord][] =>
  shipment === undefined ? [] : [[partPath('order_shipments', String(shipment.id)).join('.'), shipment]];
