/** The stock of the items that wait to be sent. What cannot be read leaves the other checks as they are. */
import { AppError, type ErrorCode } from '../errors.js';
import type { CallContext } from '../mcp/catalogue.js';
import type { StoreGateway } from '../orderdesk/port.js';
import type { InventoryView } from '../orderdesk/views.js';
import type { ItemCode, Stock } from '../orders/exceptions/stock.js';
import { plain } from '../orders/plain.js';
import { clip } from '../orders/text.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { canBeAsked } from './inventory-codes.js';
import { type InventoryDeps, type InventoryFound, readInventory, whyFailed } from './inventory-read.js';

/** Kept of a call's time for making the answer. */
const RESERVE_MS = 1_000;
/** So that the check stays a small part of what the scan costs. */
export const MAX_REQUESTS = 20;
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

export interface StockRead extends Stock {
  /** Why the check is not made in full. The codes named in it are untrusted text, as the caller may see them. */
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
  'store_busy',
  'shutting_down',
] satisfies ErrorCode[]);

/**
 * @param followsSales whether Order Desk takes orders off the stock by itself; `null` where its settings do not say
 * @throws AppError `cancelled` and what else is no failure of Order Desk's
 */
export async function readStock(
  inventory: InventoryDeps,
  codes: readonly ItemCode[],
  followsSales: boolean | null,
): Promise<StockRead> {
  const { found, reasons } = await lookUp(
    inventory,
    codes.map(({ code }) => code),
  );
  const byCode = known(found);
  const gaps = [
    ...(followsSales === null && codes.length > 0 ? [SALES_NOT_KNOWN] : []),
    ...gapsOf(codes, found, byCode, reasons),
  ];
  return { byCode, followsSales, gap: gaps.length === 0 ? undefined : gaps.join(' ') };
}

const SALES_NOT_KNOWN =
  'The settings of the store do not say whether Order Desk takes orders off the stock by itself: only stock below 0 is reported.';

interface LookedUp {
  readonly found: Found;
  /** Why not all, in sentences. */
  readonly reasons: readonly string[];
}

async function lookUp(inventory: InventoryDeps, codes: readonly string[]): Promise<LookedUp> {
  const asked = codes.filter(canBeAsked);
  const unaskable = asked.length === codes.length ? [] : ['Not every item code can be looked up.'];
  if (asked.length === 0) return { found: new Map(), reasons: unaskable };
  try {
    const read = await readInventory(inventory, {
      codes: asked,
      matches: () => true,
      after: undefined,
      keep: MAX_ITEMS,
      maxItems: MAX_ITEMS,
      maxRequests: MAX_REQUESTS,
    });
    return { found: stockIn(read), reasons: [...read.gaps, ...unaskable] };
  } catch (error) {
    const isSurvived = error instanceof AppError && SURVIVED.has(error.code);
    if (inventory.ctx.signal.aborted || !isSurvived) throw error;
    return { found: new Map(), reasons: [`The inventory could not be read. ${whyFailed(error)}`] };
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

/** Codes with what is known of them: nothing where no item has any, for then the store may keep no inventory. */
function known(found: Found): Stock['byCode'] {
  const stock = new Map<string, number | null>();
  if (isNoneHeld(found)) return stock;
  for (const [code, units] of found) if (units !== undefined) stock.set(code, units);
  return stock;
}

const isNoneHeld = (found: Found): boolean =>
  found.size > 0 && [...found.values()].every((units) => units === null);

function gapsOf(
  codes: readonly ItemCode[],
  found: Found,
  byCode: Stock['byCode'],
  reasons: readonly string[],
): string[] {
  const all = new Map(codes.map(({ code, shown }) => [plain(code), shown]));
  if (byCode.size === all.size) return [];
  const untold = [...found.values()].filter((units) => units === undefined).length;
  return [
    ...reasons,
    `Looked up: ${found.size} of ${all.size} item codes${found.size === 0 ? '' : ', those of the oldest orders first'}.`,
    ...(isNoneHeld(found) ? ['The inventory has none of these codes; this store may not keep it.'] : []),
    ...(untold === 0 ? [] : [`The inventory does not tell the stock of ${untold} of them.`]),
    `Not known: ${named([...all].filter(([code]) => !byCode.has(code)).map(([, shown]) => shown))}.`,
  ];
}

function named(codes: readonly string[]): string {
  const shown = codes.slice(0, NAMED).map((code) => JSON.stringify(clip(code, 60)));
  return `${shown.join(', ')}${codes.length > NAMED ? ` and ${codes.length - NAMED} more` : ''}`;
}
