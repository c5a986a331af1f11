/** What to know about an inventory list: which codes were not found, what was done here, what was not read and how to get it. */
import { fitEntries } from '../orders/budget.js';
import { clip } from '../orders/text.js';
import { canBeAsked } from './inventory-codes.js';
import type { InventoryFilters } from './inventory-filter.js';
import type { InventoryFound } from './inventory-read.js';

/** Characters of a list of codes. */
const CODES_ROOM = 3_000;

interface CodesNotThere {
  not_found?: string[];
  not_looked_up?: string[];
}

export const codesNotThere = ({ missing, unknown }: InventoryFound): CodesNotThere => ({
  ...(missing.length === 0 ? {} : { not_found: fitCodes(missing) }),
  ...(unknown.length === 0 ? {} : { not_looked_up: fitCodes(unknown) }),
});

function fitCodes(codes: readonly string[]): string[] {
  const clipped = codes.map((code) => clip(code, 200));
  const { kept, dropped } = fitEntries(clipped, CODES_ROOM);
  return dropped === 0 ? kept : [...kept, `… and ${dropped} more`];
}

/** @param isContinued whether a page before this one came from a part of the inventory */
export function inventoryRemarks(
  filters: InventoryFilters,
  found: InventoryFound,
  isContinued: boolean,
): string[] {
  const { codes, text, stock_below, location } = filters;
  const remarks: string[] = [];
  if ([text, stock_below, location].some((value) => value !== undefined)) {
    remarks.push(`Order Desk filters by code only: the rest was done here, on ${found.read} items read.`);
  }
  if (codes?.every(canBeAsked) === false) {
    remarks.push('Order Desk cannot be asked for a code with a comma: the whole inventory was read.');
  }
  if (found.missing.length > 0) {
    remarks.push('Order Desk may tell capitals from small letters in codes; text finds any spelling.');
  }
  if (found.unreadable > 0) {
    remarks.push(
      `${found.unreadable} items could not be understood and are left out; look at them in Order Desk.`,
    );
  }
  if (!found.complete) {
    remarks.push(
      `Not all was read, only ${found.read} items: ${found.gaps.join(' ')} More may match. Ask for them by codes, or for all again in a minute, without cursor.`,
    );
  } else if (isContinued) {
    remarks.push(
      'A page before this one was made from a part of the inventory: items may be missing from it. For all of them start again without cursor.',
    );
  }
  return remarks;
}
