/** The answer of find_exceptions: one page of the findings, with how they came about and how to go on. */
import { fitEntries, roomBeside } from '../orders/budget.js';
import type { Check } from '../orders/exceptions/check.js';
import type { ExceptionReport, Finding } from '../orders/exceptions/report.js';
import type { FolderStates } from '../orders/folder-states.js';
import { compareKeys, type OrderKey, orderKey } from '../orders/keyset.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { foldersRead } from './exception-folders.js';
import { folderRemark, moreRemark, paymentRemark, scanRemarks } from './exception-remarks.js';
import { countsOf, findingRow } from './exception-rows.js';
import type { StockRead } from './exception-stock.js';
import type { Scan } from './scan.js';

export interface Looked {
  readonly entry: StoreEntry;
  /** Whether the caller named the store, so that the next call must. */
  readonly isNamed: boolean;
  readonly timeZone: string;
  readonly remarks: readonly string[];
  readonly folderName: (id: string) => string | null;
  readonly folders: FolderStates;
  readonly scan: Scan;
  readonly report: ExceptionReport;
  readonly stock: StockRead;
  /** The moment the ages are counted to, in milliseconds since 1970. */
  readonly asOf: number;
  readonly checks: readonly Check[];
  readonly limit: number;
  /** The last order of the page before. */
  readonly after: OrderKey | undefined;
  /** The cursor to go on after this order. */
  readonly cursorAfter: (last: OrderKey) => Promise<string>;
}

export async function exceptionAnswer(looked: Looked) {
  const { entry, limit, report, stock } = looked;
  const { scanned, total, complete, from, to } = looked.scan.coverage;
  const found = report.findings(stock);
  const folders = foldersRead(looked.folders);
  const about = {
    store: entry.name,
    time_zone: looked.timeZone,
    limit,
    orders: found.length,
    counts: countsOf(found, made(looked)),
    ...(stock.gap === undefined ? {} : { not_done: [notDone(stock.gap)] }),
    folders: folders.named,
    coverage: { scanned, total, complete, from, to },
  };
  const remarks = [
    ...looked.remarks,
    ...scanRemarks(looked.scan),
    ...paymentRemark(report.awaitingPayment),
    folderRemark(folders),
  ];
  const left = leftAfter(found, looked.after);
  const room = roomBeside({ ...about, remarks: [...remarks, MORE_AT_MOST], ...REST_OF_ANSWER });
  const { kept, dropped } = fitEntries(rowsOf(left.slice(0, limit), looked), room);
  const last = kept.length < left.length ? left[kept.length - 1] : undefined;
  const trimmedBy: 'size' | null = dropped > 0 ? 'size' : null;
  return {
    ...about,
    findings: kept,
    returned: kept.length,
    next_cursor: last === undefined ? null : await looked.cursorAfter(orderKey(last.order)),
    trimmed_by: trimmedBy,
    remarks: last === undefined ? remarks : [...remarks, moreRemark(left.length - kept.length)],
  };
}

const leftAfter = (found: readonly Finding[], after: OrderKey | undefined): readonly Finding[] =>
  after === undefined ? found : found.filter(({ order }) => compareKeys(orderKey(order), after, 'asc') > 0);

function rowsOf(found: readonly Finding[], { folderName, asOf, isNamed, entry }: Looked) {
  const store = isNamed ? entry.name : undefined;
  return found.map((finding) => findingRow(finding, folderName, asOf, store));
}

const WITHOUT_STOCK = 'item_without_stock' satisfies Check;

const notDone = (reason: string): { check: Check; reason: string } => ({ check: WITHOUT_STOCK, reason });

/** The checks that can be counted: without a single stock known, one cannot. */
function made({ checks, stock }: Looked): readonly Check[] {
  const isStockUnknown = stock.gap !== undefined && stock.byCode.size === 0;
  return isStockUnknown ? checks.filter((check) => check !== WITHOUT_STOCK) : checks;
}

/** The rest of an answer at its largest, for measuring: a sealed cursor has some 350 characters. */
const REST_OF_ANSWER = { findings: [], returned: 100, next_cursor: 'x'.repeat(600), trimmed_by: 'size' };
const MORE_AT_MOST = moreRemark(1_000_000);
