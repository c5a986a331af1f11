/** Shipments that are to be added: what is sent of each, how one is found again, and when two are the same. */
import { AppError } from '../../errors.js';
import { isDecimal, isRecord, type JsonRecord } from '../../orderdesk/parse/json.js';
import { parseShipment } from '../../orderdesk/parse/shipment.js';
import { asList } from '../../orders/merge/raw.js';
import { sameValue } from '../../orders/same-value.js';
import type { Intents, ShipmentLine } from '../intents.js';
import type { ChangeLine } from '../port.js';
import { madePart, NO_ID, wholeFields } from './order-part.js';
import { orderTarget } from './order-record.js';

/** Lines of one request; the one known client sends no more (Order Desk API, POST /batch-shipments). */
export const BATCH = 100;
/** Partial shipments are sent one by one: whether the batch takes items is not known. */
const MOST_PARTIAL = 20;
/** Stands for a parcel without a number. */
const NO_NUMBER = 'n/a';

export const isPartial = ({ items }: ShipmentLine): boolean => items !== undefined && items.length > 0;

/** A shipment without a number of its own cannot be found again. */
export const isTraceable = (trackingNumber: string): boolean =>
  trackingNumber.trim().toLowerCase() !== NO_NUMBER;

/** What is sent of a line, less its order. */
export const shipmentBody = (line: ShipmentLine): JsonRecord => ({
  ...line.fields,
  tracking_number: line.trackingNumber.trim(),
  ...(isPartial(line) ? { order_items: line.items } : {}),
});

export const shipmentLine = (line: ShipmentLine): ChangeLine => ({
  target: orderTarget(line.orderId),
  outcome: 'applied',
  fields: wholeFields('order_shipments', NO_ID, shipmentBody(line), 'after'),
});

/** What a line says was sent, in whatever process. */
export const sentShipment = (line: ChangeLine): JsonRecord => madePart(line.fields);

export const sentNumber = (line: ChangeLine): string => String(sentShipment(line).tracking_number ?? '');

/** @throws AppError `invalid_argument`: nothing was sent */
export function refuseImpossible({ lines }: Intents['shipments_add']): void {
  const places = new Map<string, number>();
  for (const [place, line] of lines.entries()) {
    const field = `shipments.${place}`;
    if (line.trackingNumber.trim() === '') {
      throw new AppError('invalid_argument', `${field}.tracking_number is empty. Nothing was written.`, {
        field: `${field}.tracking_number`,
        hint: `Write ${NO_NUMBER} for a parcel without a number.`,
      });
    }
    const earlier = places.get(identityOf(line));
    if (earlier !== undefined) {
      throw new AppError(
        'invalid_argument',
        `${field} is the same shipment as shipments.${earlier}. Nothing was written.`,
        { field, hint: 'Leave one of the two out.' },
      );
    }
    places.set(identityOf(line), place);
  }
  const partial = lines.filter(isPartial).length;
  if (partial <= MOST_PARTIAL) return;
  throw new AppError(
    'invalid_argument',
    `Of the shipments, ${partial} name their items, and ${MOST_PARTIAL} may. Nothing was written.`,
    { field: 'shipments', hint: 'Partial shipments are sent one by one: make several calls.' },
  );
}

/** An order never has one number twice; without numbers, shipments are the same that are equal in everything. */
function identityOf(line: ShipmentLine): string {
  const number = line.trackingNumber.trim();
  if (isTraceable(number)) return JSON.stringify([line.orderId, number]);
  const fields = Object.entries(line.fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([line.orderId, NO_NUMBER, fields, line.items ?? []]);
}

export const shipmentsOf = (order: JsonRecord): readonly JsonRecord[] =>
  (asList(order.order_shipments) ?? []).filter(isRecord);

export const withNumber = (order: JsonRecord, trackingNumber: string): readonly JsonRecord[] =>
  shipmentsOf(order).filter(({ tracking_number }) => sameText(tracking_number, trackingNumber));

/** Members of what was sent that the shipment has otherwise; none where it is the same shipment. */
export function otherwise(shipment: JsonRecord, sent: JsonRecord): readonly string[] {
  const fields = Object.entries(sent).filter(
    ([name, value]) => name !== 'order_items' && !isAsSent(name, shipment[name], value),
  );
  const names = fields.map(([name]) => name);
  return samePieces(shipment, sent) ? names : [...names, 'items'];
}

const MEASURES: ReadonlySet<string> = new Set(['cost', 'weight']);

/** Measures are texts at Order Desk: `4.5` and `4.50` are the same. */
function isAsSent(name: string, held: unknown, sent: unknown): boolean {
  if (MEASURES.has(name) && typeof held === 'string' && typeof sent === 'string' && isDecimal(held)) {
    return isDecimal(sent) && Number(held) === Number(sent);
  }
  return sameText(held, sent);
}

/** Order Desk may write carriers and numbers in its own capitals. */
const sameText = (held: unknown, sent: unknown): boolean =>
  sameValue(held, sent) ||
  (typeof held === 'string' && typeof sent === 'string' && plain(held) === plain(sent));

const plain = (text: string): string => text.trim().toLowerCase();

interface Piece {
  readonly id?: unknown;
  readonly code?: unknown;
  readonly quantity?: unknown;
}

function samePieces(shipment: JsonRecord, sent: JsonRecord): boolean {
  const held = piecesOf(shipment);
  const wanted: readonly Piece[] = (asList(sent.order_items) ?? []).filter(isRecord);
  if (held === undefined || held.length !== wanted.length) return false;
  return wanted.every((piece) =>
    held.some(
      (other) =>
        sameValue(other.quantity, piece.quantity) &&
        (piece.id === undefined ? sameValue(other.code, piece.code) : sameValue(other.id, piece.id)),
    ),
  );
}

function piecesOf(shipment: JsonRecord): readonly Piece[] | undefined {
  try {
    return parseShipment({ id: shipment.id, order_items: shipment.order_items }, '').items;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
