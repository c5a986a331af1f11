/**
 * Searches as Order Desk's parameters (Order Desk API, GET /orders and GET /inventory-items). Order Desk ignores what it does not know and
 * what is empty, and answers with all orders: so only known parameters leave here, and an empty one is refused.
 *
 * Dates go out in UTC with a time. The end of a range is sent as it is: by what is known Order Desk takes it as
 * exclusive, which is not certain. If it is inclusive, orders of that very second come along.
 */
import { AppError } from '../errors.js';
import { toOrderDeskDate } from './parse/date.js';
import type { InventoryQuery, OrderQuery } from './port.js';

const MAX_LIMIT = 500;
/** They stand in the address of the request. */
const MAX_CODES = 100;

/**
 * @returns the parameters in a fixed order: equal searches give equal text
 * @throws AppError `invalid_argument`
 */
export function orderParameters(query: OrderQuery): URLSearchParams {
  const parameters = new URLSearchParams();
  const add = (name: string, value: string | undefined): void => {
    if (value === undefined) return;
    if (value.trim() === '') throw refused(name, 'must not be empty');
    parameters.set(name, value);
  };
  if (query.folderIds !== undefined) add('folder_id', folderList(query.folderIds));
  add('source_id', query.sourceId);
  add('source_name', query.sourceName);
  add('search_start_date', date('search_start_date', query.addedFrom));
  add('search_end_date', date('search_end_date', query.addedTo));
  add('modified_start_date', date('modified_start_date', query.modifiedFrom));
  add('modified_end_date', date('modified_end_date', query.modifiedTo));
  add('email', query.email);
  add('customer_id', query.customerId);
  if (query.address !== undefined) {
    const { of, firstName, lastName, company, phone, address1 } = query.address;
    add(`${of}_first_name`, firstName);
    add(`${of}_last_name`, lastName);
    add(`${of}_company`, company);
    add(`${of}_phone`, phone);
    add(`${of}_address1`, address1);
  }
  if (query.sortBy !== undefined && !/^[a-z][a-z0-9_]{0,39}$/.test(query.sortBy)) {
    throw refused('order_by', 'must be the name of an order field');
  }
  add('order_by', query.sortBy);
  add('order', query.sort?.toUpperCase());
  if (query.history === true) add('get_order_history', '1');
  add('limit', wholeNumber('limit', query.limit, 1, MAX_LIMIT));
  add('offset', wholeNumber('offset', query.offset ?? 0, 0, Number.MAX_SAFE_INTEGER));
  return parameters;
}

/**
 * `limit` and `offset` always go out: where Order Desk honours them, a list without them would end early.
 * @returns the parameters in a fixed order: equal searches give equal text
 * @throws AppError `invalid_argument`
 */
export function inventoryParameters(query: InventoryQuery): URLSearchParams {
  const parameters = new URLSearchParams();
  if (query.codes !== undefined) parameters.set('code', codeList(query.codes));
  parameters.set('limit', wholeNumber('limit', query.limit ?? MAX_LIMIT, 1, MAX_LIMIT));
  parameters.set('offset', wholeNumber('offset', query.offset ?? 0, 0, Number.MAX_SAFE_INTEGER));
  return parameters;
}

function codeList(codes: readonly string[]): string {
  if (codes.length === 0 || codes.length > MAX_CODES)
    throw refused('code', `must be 1 to ${MAX_CODES} codes`);
  // A comma would make two codes of one, and an empty one no filter at all.
  if (codes.some((code) => code.trim() === '' || code.includes(','))) {
    throw refused('code', 'must be codes without commas, none of them empty');
  }
  return codes.join(',');
}

function folderList(ids: readonly string[]): string {
  // No folder at all would be left out, and mean every folder.
  if (ids.length === 0) throw refused('folder_id', 'must name at least one folder');
  if (!ids.every((id) => /^\d+$/.test(id))) throw refused('folder_id', 'must be folder ids');
  return ids.join(',');
}

function date(name: string, value: Date | undefined): string | undefined {
  if (value === undefined) return undefined;
  const year = value.getUTCFullYear();
  if (!(year >= 1970 && year <= 9998)) throw refused(name, 'must be a date between 1970 and 9998');
  return toOrderDeskDate(value);
}

function wholeNumber(name: string, value: number, min: number, max: number): string {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw refused(name, `must be a whole number from ${min} to ${max}`);
  }
  return String(value);
}

const refused = (field: string, rule: string): AppError =>
  new AppError('invalid_argument', `${field} ${rule}.`, { field });
