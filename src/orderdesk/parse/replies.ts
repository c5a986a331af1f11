/**
 * What Order Desk's answer to a batch of shipments says of each line (Order Desk API, POST /batch-shipments). Lenient about
 * types; what does not pair with the request says nothing of it.
 */
import { isRecord, type JsonRecord } from './json.js';
import { quotable } from './quotable.js';

export interface ShipmentResult {
  readonly isAdded: boolean;
  /** Where Order Desk tells it. */
  readonly shipmentId: string | undefined;
  /** Order Desk's own words, fit to be quoted. */
  readonly words: string | undefined;
}

/**
 * @param orderIds of the lines that were sent, in their order, which is that of the results
 * @returns by line; `undefined` where it is not known what became of one
 */
export function shipmentResults(
  body: JsonRecord,
  orderIds: readonly string[],
): readonly (ShipmentResult | undefined)[] {
  const results = Array.isArray(body.results) ? body.results.map(asRecord) : [];
  if (results.length === orderIds.length && orderIds.every((id, at) => isFor(results[at], id))) {
    return results.map(resultOf);
  }
  // Lines were left out, added or mixed up: an order that both sides name once can still be told.
  return orderIds.map((id) => {
    const own = results.filter((result) => idText(result.order_id) === id);
    const isOnce = own.length === 1 && orderIds.indexOf(id) === orderIds.lastIndexOf(id);
    return isOnce ? resultOf(own[0] ?? {}) : undefined;
  });
}

const asRecord = (value: unknown): JsonRecord => (isRecord(value) ? value : {});

/** A result that names no order has its place to go by. */
const isFor = (result: JsonRecord | undefined, orderId: string): boolean => {
  const id = idText(result?.order_id);
  return result !== undefined && (id === undefined || id === orderId);
};

function resultOf({ status, shipment_id, message }: JsonRecord): ShipmentResult | undefined {
  if (status !== 'success' && status !== 'error') return undefined;
  const words = typeof message === 'string' ? quotable(message) : '';
  return {
    isAdded: status === 'success',
    shipmentId: idText(shipment_id),
    words: words === '' ? undefined : words,
  };
}

function idText(id: unknown): string | undefined {
  if (typeof id === 'number' && Number.isSafeInteger(id)) return String(id);
  return typeof id === 'string' && id !== '' ? id : undefined;
}
