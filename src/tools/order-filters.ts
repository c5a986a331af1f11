/** From the arguments of a list to the filters that Order Desk knows. */
import { AppError } from '../errors.js';
import type { OrderQuery } from '../orderdesk/port.js';
import type { StoreView } from '../orderdesk/views.js';
import { parseDate, rangeEnd, rangeStart, type Zone } from '../orders/dates.js';
import { compare, parseDecimal } from '../orders/decimal.js';
import { type OrderTest, scanTest } from '../orders/scan-filter.js';
import type { ShippedState } from '../orders/shipped.js';
import { defined } from './defined.js';
import type { Sight } from './masked-view.js';
import type { OrderFilters } from './order-source.js';
import { findFolders } from './store-context.js';

type Optional<K extends string, V = string> = { readonly [key in K]?: V | undefined };

export interface FilterArguments
  extends Optional<'added_from' | 'added_to' | 'modified_from' | 'modified_to'>,
    Optional<'source_id' | 'source_name' | 'email' | 'customer_id'>,
    Optional<'first_name' | 'last_name' | 'company' | 'phone' | 'address1'>,
    Optional<'folder', string | readonly string[]> {
  readonly address: 'shipping' | 'customer';
}

/**
 * @param zone in which dates without an offset are read
 * @throws AppError `unknown_folder`, `invalid_argument` for a range that holds no time
 */
export function orderFilters(args: FilterArguments, store: StoreView, zone: Zone): OrderFilters {
  const added = range('added', args.added_from, args.added_to, zone);
  const modified = range('modified', args.modified_from, args.modified_to, zone);
  return defined({
    folderIds: args.folder === undefined ? undefined : findFolders(store, args.folder),
    sourceId: args.source_id,
    sourceName: args.source_name,
    email: args.email,
    customerId: args.customer_id,
    addedFrom: added.from,
    addedTo: added.to,
    modifiedFrom: modified.from,
    modifiedTo: modified.to,
    address: addressFilters(args),
  });
}

function addressFilters(args: FilterArguments): OrderQuery['address'] {
  const texts = defined({
    firstName: args.first_name,
    lastName: args.last_name,
    company: args.company,
    phone: args.phone,
    address1: args.address1,
  });
  return Object.keys(texts).length === 0 ? undefined : { of: args.address, ...texts };
}

interface Range {
  readonly from: Date | undefined;
  readonly to: Date | undefined;
}

function range(name: string, from: string | undefined, to: string | undefined, zone: Zone): Range {
  const start = from === undefined ? undefined : parseDate(from);
  const end = to === undefined ? undefined : parseDate(to);
  const bounds = {
    from: start === undefined ? undefined : rangeStart(start, zone),
    to: end === undefined ? undefined : rangeEnd(end, zone),
  };
  if (bounds.from !== undefined && bounds.to !== undefined && bounds.from >= bounds.to) {
    throw new AppError('invalid_argument', `${name}_from: must be before ${name}_to.`, {
      field: `${name}_from`,
      hint: `The range from ${bounds.from.toISOString()} to ${bounds.to.toISOString()} (UTC) holds no time.`,
    });
  }
  return bounds;
}

export interface ScanArguments
  extends Optional<'sku' | 'tracking_number' | 'text' | 'min_total' | 'max_total' | 'payment_status'>,
    Optional<'shipped', ShippedState> {}

/**
 * The filters that are applied here, to every order read as it is; `undefined` where none is given.
 * @param searchable the part of an order that the caller may search in by `text`
 * @throws AppError `invalid_argument` for amounts that leave none between them
 */
export function orderTest(args: ScanArguments, searchable: Sight['searchable']): OrderTest | undefined {
  const { min_total: minTotal, max_total: maxTotal } = args;
  const [min, max] = [parseDecimal(minTotal ?? ''), parseDecimal(maxTotal ?? '')];
  if (min !== undefined && max !== undefined && compare(min, max) > 0) {
    throw new AppError('invalid_argument', 'min_total: must not be above max_total.', {
      field: 'min_total',
      hint: 'No amount is between them: exchange the two, or leave one out.',
    });
  }
  const filters = {
    sku: args.sku,
    trackingNumber: args.tracking_number,
    text: args.text,
    minTotal,
    maxTotal,
    paymentStatus: args.payment_status,
    shipped: args.shipped,
  };
  return scanTest(filters, searchable);
}
