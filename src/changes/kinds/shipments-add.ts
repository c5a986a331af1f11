/**
 * Adding shipments to orders: whole ones in batches, partial ones one by one. Orders are not read before, since an order
 * refuses a number that it has already; only lines that were refused cost a read, and the orders of a short call, each once
 * after its last step, to tell how they are now.
 */
import { AppError } from '../../errors.js';
import { isRecord } from '../../orderdesk/parse/json.js';
import { shipmentResults } from '../../orderdesk/parse/replies.js';
import { orderVersion } from '../../orders/version.js';
import type { ChangeType, Plan, Step, Verdict } from '../change-type.js';
import type { Intents, ShipmentLine } from '../intents.js';
import type { ChangeLine } from '../port.js';
import { isUnsure, madeId } from './order-part.js';
import { linesSent, orderLock } from './order-record.js';
import {
  BATCH,
  isPartial,
  isTraceable,
  refuseImpossible,
  sentNumber,
  sentShipment,
  shipmentBody,
  shipmentLine,
} from './shipment-lines.js';
import { type ReadOrders, readableOrders, readOrders } from './shipment-orders.js';
import { foundLine, lineBefore, lineOfResult } from './shipment-outcomes.js';

/** Calls of so many lines are told how each order is afterwards, and before, in a preview. */
const SHORT = 10;
/** Reads that fit into the time after a write, with what is left of the budget. */
const MOST_READS = 40;

/** What the sender of a step knows of its call. */
interface Probe {
  /** Orders that are read afterwards: those of a short call, after the last step on each. */
  readonly reads: readonly string[];
  /** All lines are of one order. */
  readonly isOneOrder: boolean;
}

export const shipmentsAdd: ChangeType<'shipments_add'> = {
  kind: 'shipments_add',
  undoable: true,
  locks: (intent) => ordersOf(intent).map(orderLock),

  calls(intent, previewed) {
    const partial = intent.lines.filter(isPartial);
    const whole = intent.lines.filter((line) => !isPartial(line));
    const sent = Math.ceil(whole.length / BATCH) + partial.length;
    if (intent.lines.length > SHORT) return sent;
    return sent + ordersOf(intent).length * (previewed === true ? 2 : 1);
  },

  effects: linesSent,

  async plan(intent, around, done): Promise<Plan> {
    refuseImpossible(intent);
    const isShort = intent.lines.length <= SHORT;
    const before: ReadOrders =
      around.previewed && isShort ? await readOrders(ordersOf(intent), around) : new Map();
    const lines = intent.lines.map((wanted, index) => {
      const line = shipmentLine(wanted);
      return done.get(index) ?? lineBefore(line, before.get(wanted.orderId)) ?? line;
    });
    const open = intent.lines.flatMap((wanted, index) => {
      const line = lines[index];
      return line?.outcome === 'applied' && !done.has(index) ? [{ index, wanted, line }] : [];
    });
    const isOneOrder = ordersOf(intent).length === 1;
    const parcels = [
      ...chunks(open.filter(({ wanted }) => !isPartial(wanted))),
      ...open.filter(({ wanted }) => isPartial(wanted)).map((only) => [only]),
    ];
    const versions = [...before.values()].filter((order) => order !== 'gone').map(orderVersion);
    return {
      lines,
      steps: parcels.map((parcel, at) => {
        const later = new Set(parcels.slice(at + 1).flatMap(orderIdsIn));
        const reads = isShort ? orderIdsIn(parcel).filter((id) => !later.has(id)) : [];
        return stepOf(parcel, { reads, isOneOrder });
      }),
      seen: versions,
      ...(isOneOrder && versions[0] !== undefined ? { version: versions[0] } : {}),
      remarks: open.some(({ wanted }) => !isTraceable(wanted.trackingNumber)) ? [CANNOT_BE_FOUND] : [],
    };
  },

  async read(step, body, around) {
    const ids = orderIdsOf(step);
    const results =
      step.request.route === '/batch-shipments'
        ? shipmentResults(body, ids)
        : step.lines.map(() => ({ isAdded: true, shipmentId: undefined, words: undefined }));
    const { reads, isOneOrder } = probeOf(step);
    const wanted = ids.filter((id, place) => reads.has(id) || results[place]?.isAdded !== true);
    const orders = await readableOrders([...new Set(wanted)].slice(0, MOST_READS), around);
    const lines = step.lines.map(({ line }, place) =>
      lineOfResult(line, results[place], orders.get(ids[place] ?? ''), around.now()),
    );
    const [order] = orders.values();
    return { lines, ...(isOneOrder && order !== undefined && order !== 'gone' ? { order } : {}) };
  },

  async refused(step, refusal, around) {
    const said = refusal.quotation?.data.order_desk_says;
    const words = typeof said === 'string' ? said : undefined;
    const ids = orderIdsOf(step);
    const isOrderGone = refusal.code === 'not_found';
    const orders = isOrderGone ? allGone(ids) : await readableOrders(ids.slice(0, SHORT), around);
    const result = { isAdded: false, shipmentId: undefined, words };
    return step.lines.map(({ line }, place) =>
      lineOfResult(line, result, orders.get(ids[place] ?? ''), around.now()),
    );
  },

  async look(step, around) {
    const ids = step.lines.flatMap(({ line }) =>
      isTraceable(sentNumber(line)) && line.target.id !== null ? [line.target.id] : [],
    );
    const orders = await readOrders(ids, around);
    return step.lines.map(({ index, line }): Verdict => {
      const order = orders.get(line.target.id ?? '');
      if (order === undefined || order === 'gone' || !isTraceable(sentNumber(line))) {
        return { index, found: 'unclear' };
      }
      const found = foundLine(line, order, step.sentAt);
      if (found === undefined) return { index, found: 'not_applied' };
      return found === 'other' ? { index, found: 'unclear' } : { index, found: 'applied', line: found };
    });
  },

  async besides({ lines }) {
    return [
      'Adding a shipment may mail the customer and send the tracking number to the shop, and rules of the store for added shipments run: they may move the order.',
      ...(lines.length > SHORT ? [NOT_LOOKED] : []),
      'For a shipment that Order Desk refuses, its order is read: one more request.',
    ];
  },

  inverse({ lines }) {
    const added = lines.filter(({ outcome }) => outcome === 'applied');
    const unsure = added.filter(isUnsure).length;
    const shipments = added.filter((line) => !isUnsure(line)).flatMap(deletion);
    if (shipments.length === 0) {
      throw new AppError(
        'cannot_undo',
        unsure > 0 ? NONE_SURE : 'None of the shipments that were added can be found again.',
        {
          hint: 'Read the shipments of the order, and delete the one that is meant by its id.',
        },
      );
    }
    const lost = added.length - shipments.length - unsure;
    return {
      kind: 'shipments_delete',
      intent: { shipments },
      remarks: [
        'Mail to the customer and what was sent to the shop cannot be taken back.',
        ...(lost === 0 ? [] : [`Without a tracking number or an id, ${lost} of the shipments stay.`]),
        ...(unsure === 0
          ? []
          : [`Whether ${unsure} of the shipments were there before is not known: they stay.`]),
      ],
    };
  },
};

const NONE_SURE =
  'Whether this change added the shipments that are there, or they were there before, is not known: an undo deletes none of them.';

const NOT_LOOKED = `Of more than ${SHORT} shipments, whether an order has one already is seen only when it is sent.`;

const CANNOT_BE_FOUND =
  'A shipment with the tracking number n/a cannot be looked for: should the answer be lost, its outcome stays unknown.';

const ordersOf = ({ lines }: Intents['shipments_add']): readonly string[] => [
  ...new Set(lines.map(({ orderId }) => orderId)),
];

const orderIdsOf = ({ lines }: Pick<Step, 'lines'>): readonly string[] =>
  lines.map(({ line }) => line.target.id ?? '');

const allGone = (ids: readonly string[]): ReadOrders => new Map(ids.map((id) => [id, 'gone']));

interface OpenLine {
  readonly index: number;
  readonly wanted: ShipmentLine;
  readonly line: ChangeLine;
}

const orderIdsIn = (open: readonly OpenLine[]): readonly string[] => open.map(({ wanted }) => wanted.orderId);

/** A partial shipment alone, or a batch of whole ones. */
function stepOf(parcel: readonly OpenLine[], probe: Probe): Step {
  const [first] = parcel;
  return first !== undefined && isPartial(first.wanted) ? singleStep(first, probe) : batchStep(parcel, probe);
}

function batchStep(open: readonly OpenLine[], probe: Probe): Step {
  const body = open.map(({ wanted }) => ({ order_id: idInBody(wanted.orderId), ...shipmentBody(wanted) }));
  return {
    request: {
      method: 'POST',
      route: '/batch-shipments',
      orderIds: open.map(({ wanted }) => wanted.orderId),
      body: JSON.stringify(body),
    },
    lines: open.map(({ index, line }) => ({ index, line })),
    probe,
  };
}

function singleStep({ index, wanted, line }: OpenLine, probe: Probe): Step {
  return {
    request: {
      method: 'POST',
      route: '/orders/{id}/shipments',
      ids: [wanted.orderId],
      body: JSON.stringify(shipmentBody(wanted)),
    },
    lines: [{ index, line }],
    probe,
  };
}

/** As the clients send it that are known to work. */
const idInBody = (id: string): number | string => (Number.isSafeInteger(Number(id)) ? Number(id) : id);

const chunks = (open: readonly OpenLine[]): readonly (readonly OpenLine[])[] =>
  Array.from({ length: Math.ceil(open.length / BATCH) }, (_none, at) =>
    open.slice(at * BATCH, (at + 1) * BATCH),
  );

function probeOf({ probe }: Step): { readonly reads: ReadonlySet<unknown>; readonly isOneOrder: boolean } {
  const { reads, isOneOrder } = isRecord(probe) ? probe : {};
  return { reads: new Set(Array.isArray(reads) ? reads : []), isOneOrder: isOneOrder === true };
}

function deletion(line: ChangeLine): Intents['shipments_delete']['shipments'] {
  const orderId = line.target.id;
  const shipmentId = madeId(line);
  const trackingNumber = sentNumber(line);
  if (orderId === null) return [];
  const unchangedFrom = sentShipment(line);
  if (shipmentId !== undefined) return [{ orderId, shipmentId, unchangedFrom }];
  return isTraceable(trackingNumber) ? [{ orderId, trackingNumber, unchangedFrom }] : [];
}
