/** The stock of the items that wait to be sent. What cannot be read leaves the other checks as they are. */
import { AppError, type ErrorCode } from '../errors.js';
import type { CallContext } from '../mcp/catalogue.js';
import type { StoreGateway } from '../orderdesk/port.js';
import type { InventoryView } from '../orderdesk/views.js';
import type { StockByCode } from '../orders/exceptions/stock.js';
import { plain } from '../orders/plain.js';
import { clip } from '../orders/text.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { canBeAsked } from './inventory-codes.js';
import { type InventoryDeps, type InventoryFound, readInventory, whyFailed } from './inventory-read.js';

/** Kept of a call's time for making the answer. */
const RESERVE_MS = 1_000;
/** So that the check stays a small part of what the scan costs. */
const MAX_REQUESTS = 20;
const MAX_ITEMS = 10_000;
/** More codes than this are counted, not named. */
const NAMED = 5;

/** Read at background priority, and given up in time for an answer without it. */
export function inventoryOf(
  gateway: Pick<StoreGateway, 'listInventory'>,
  store: StoreEntry,
  ctx: CallContext,
): InventoryDeps {
  const bounds = { ...ctx, priority: 'background', deadlineAt: ctx.deadlineAt - RESERVE_MS } as const;
  return {
    list: (query) => gateway.listInventory(store, query, bounds),
    // The progress of the call is told in orders.
    ctx: { ...ctx, progress: async () => {} },
    now: () => performance.now(),
  };
}

export interface StockRead {
  readonly stock: StockByCode;
  /** Why the stock of some codes is not known. The codes named in it are untrusted text. */
  readonly gap: string | undefined;
}

/** What a read may fail with and the answer still be given, with what the other checks found. */
const SURVIVED: ReadonlySet<ErrorCode> = new Set([
  'upstream_rejected',
  'upstream_credentials_refused',
  'upstream_rate_limited',
  'rate_budget_exhausted',
  'upstream_unavailable',
  'upstream_timeout',
  'upstream_malformed',
  'overloaded',
  'shutting_down',
] satisfies ErrorCode[]);

/** @throws AppError `cancelled` and what else is no failure of Order Desk's */
export async function readStock(inventory: InventoryDeps, codes: readonly string[]): Promise<StockRead> {
  const asked = codes.filter(canBeAsked);
  const unaskable = asked.length === codes.length ? [] : ['Not every item code can be looked up.'];
  if (asked.length === 0) return stockRead(codes, new Map(), unaskable);
  try {
    const found = await readInventory(inventory, {
      codes: asked,
      matches: () => true,
      after: undefined,
      keep: MAX_ITEMS,
      maxItems: MAX_ITEMS,
      maxRequests: MAX_REQUESTS,
    });
    return stockRead(codes, stockIn(found), [...found.gaps, ...unaskable]);
  } catch (error) {
    const isSurvived = error instanceof AppError && SURVIVED.has(error.code);
    if (inventory.ctx.signal.aborted || !isSurvived) throw error;
    return stockRead(codes, new Map(), [`The inventory could not be read. ${whyFailed(error)}`]);
  }
}

/** What was found of the codes that were looked up; `undefined` where the inventory does not tell the stock. */
type Found = ReadonlyMap<string, number | null | undefined>;

/** Where several items have one code, the best supplied counts, and where one of them may be better, nothing is known. */
function stockIn({ items, missing }: InventoryFound): Found {
  const stock = new Map<string, number | null | undefined>(missing.map((code) => [plain(code), null]));
  for (const { code, stock: units } of items) {
    if (code === null) continue;
    const key = plain(code);
    const [own, other] = [unitsOf(units), stock.has(key) ? stock.get(key) : Number.NEGATIVE_INFINITY];
    const isKnown = own !== undefined && other !== undefined && other !== null;
    stock.set(key, isKnown ? Math.max(own, other) : undefined);
  }
  return stock;
}

const unitsOf = (stock: InventoryView['stock']): number | undefined =>
  stock === null ? undefined : Number(stock);

function stockRead(codes: readonly string[], found: Found, reasons: readonly string[]): StockRead {
  const all = new Map(codes.map((code) => [plain(code), code]));
  const stock = new Map<string, number | null>();
  for (const [code, units] of found) if (units !== undefined) stock.set(code, units);
  if (stock.size === all.size) return { stock, gap: undefined };
  const untold = [...found.values()].filter((units) => units === undefined).length;
  const sentences = [
    ...reasons,
    `Looked up: ${found.size} of ${all.size} item codes${found.size === 0 ? '' : ', those of the oldest orders first'}.`,
    ...(untold === 0 ? [] : [`The inventory does not tell the stock of ${untold} of them.`]),
    `Not known: ${named([...all].filter(([code]) => !stock.has(code)).map(([, code]) => code))}.`,
  ];
  return { stock, gap: sentences.join(' ') };
}

function named(codes: readonly string[]): string {
  const shown = codes.slice(0, NAMED).map((code) => JSON.stringify(clip(code, 60)));
  return `${shown.join(', ')}${codes.length > NAMED ? ` and ${codes.length - NAMED} more` : ''}`;
}
