/** The stock of the items that wait to be sent. What cannot be read leaves the other checks as they are. */
import { AppError, type ErrorCode } from '../errors.js';
import type { CallContext } from '../mcp/catalogue.js';
import type { InventoryItem, StoreGateway } from '../orderdesk/port.js';
import type { StockByCode } from '../orders/exceptions/stock.js';
import type { StoreEntry } from '../tenancy/stores.js';

/** The records of a store's inventory for these codes, in one request. */
type InventoryByCodes = (codes: readonly string[]) => Promise<readonly InventoryItem[]>;

/** Kept of a call's time for making the answer. */
const RESERVE_MS = 1_000;

/** Read at background priority, and given up in time for an answer without it. */
export const inventoryOf =
  (gateway: StoreGateway, store: StoreEntry, ctx: CallContext): InventoryByCodes =>
  async (codes) => {
    const bounds = { ...ctx, priority: 'background', deadlineAt: ctx.deadlineAt - RESERVE_MS } as const;
    return (await gateway.listInventory(store, { codes }, bounds)).items;
  };

export interface StockRead {
  readonly stock: StockByCode;
  /** Why the stock of some codes is not known. */
  readonly gap: string | undefined;
}

/** Codes of one request. They stand in its address, so that their length is bounded as well. */
const CODES_A_READ = 100;
const ADDRESS_ROOM = 4_000;
/** Of these reads, so that the check stays a small part of what the scan costs. */
const READS_AT_MOST = 10;
/** As many items as one answer holds: there may be more, if Order Desk takes parts of codes for a match. */
const FULL_ANSWER = 500;

/** What a read may fail with and the answer still be given. */
const SURVIVED: ReadonlySet<ErrorCode> = new Set([
  'upstream_rejected',
  'upstream_credentials_refused',
  'upstream_rate_limited',
  'rate_budget_exhausted',
  'upstream_unavailable',
  'upstream_timeout',
  'upstream_malformed',
  'overloaded',
] satisfies ErrorCode[]);

/** @throws AppError `cancelled` and what else is no failure of Order Desk's */
export async function readStock(
  inventory: InventoryByCodes,
  codes: readonly string[],
  signal: AbortSignal,
): Promise<StockRead> {
  const stock = new Map<string, number | null>();
  const gap = (reason: string): StockRead => ({
    stock,
    gap: `${reason}${lookedUp(stock.size, codes.length)}`,
  });
  try {
    for (const part of inReads(codes).slice(0, READS_AT_MOST)) {
      for (const [code, units] of unitsOf(part, await inventory(part))) stock.set(code, units);
    }
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError) || !SURVIVED.has(error.code)) throw error;
    return gap(`The inventory could not be read. ${error.message}`);
  }
  return stock.size === codes.length
    ? { stock, gap: undefined }
    : gap('Not every item code can be looked up.');
}

const lookedUp = (done: number, all: number): string =>
  ` Looked up: ${done} of ${all} item codes${done === 0 ? '' : ', those of the oldest orders first'}.`;

/** The codes that can be asked for, in the order given: Order Desk takes them as one text with commas between. */
function inReads(codes: readonly string[]): string[][] {
  const reads: string[][] = [];
  let room = 0;
  for (const code of codes) {
    const size = new URLSearchParams([['', code]]).toString().length + 2;
    if (code.trim() === '' || code.includes(',') || size > ADDRESS_ROOM) continue;
    const last = reads.at(-1);
    room -= size;
    if (last !== undefined && last.length < CODES_A_READ && room >= 0) {
      last.push(code);
    } else {
      reads.push([code]);
      room = ADDRESS_ROOM - size;
    }
  }
  return reads;
}

/** What an answer says of the codes asked for. Where several items have one code, the best supplied counts. */
function unitsOf(codes: readonly string[], items: readonly InventoryItem[]): Map<string, number | null> {
  const units = new Map<string, number | null>();
  if (items.length < FULL_ANSWER) for (const code of codes) units.set(code, null);
  for (const { view } of items) {
    if (view.code === null || !codes.includes(view.code)) continue;
    const stock = Number(view.stock);
    units.set(view.code, Math.max(stock, units.get(view.code) ?? stock));
  }
  return units;
}
