/**
 * What is not known about Order Desk's behaviour. Every open question is a switch, so that a client can be shown to
 * work either way. The default is the likelier answer, or the one that catches the more careless client.
 */
export interface SandboxSwitches {
  /** Filters by name, company, phone and address line: the whole field, or any part of it. */
  readonly textFilters: 'exact' | 'contains';
  /** Whether text filters tell capitals from small letters. */
  readonly textCase: 'ignored' | 'significant';
  readonly sourceIdFilter: 'exact' | 'contains';
  /** Whether an order dated exactly at the end of a date range is in it. */
  readonly endDate: 'exclusive' | 'inclusive';
  /** What an end date without a time means: the start of that day or its last second. */
  readonly bareEndDate: 'midnight' | 'end_of_day';
  /** A date written with `Z` or an offset: read as if the zone were not there, converted, or not understood. */
  readonly zonedDates: 'zone_ignored' | 'zone_applied' | 'malformed';
  /** A date that cannot be understood: the filter is dropped, or the request refused. */
  readonly malformedDate: 'ignored' | 'error';
  /** Which names `order_by` takes: every plain field of an order, or the two that are documented. */
  readonly sortableFields: 'all' | 'documented';
  /** Any other name: sorted by `date_added` as if none were given, or refused. */
  readonly unknownOrderBy: 'ignored' | 'error';
  /** Orders equal in the sort field: by id, or in another order with every request. */
  readonly ties: 'by_id' | 'shuffled';
  /** A `limit` above 500: cut to 500, or refused. */
  readonly excessLimit: 'clamped' | 'error';
  /** `get_order_history=1` on a single order. */
  readonly historyOnSingleOrder: 'honoured' | 'ignored';
  /** `limit` and `offset` of the inventory list. */
  readonly inventoryPaging: 'ignored' | 'honoured';
  readonly inventoryCodeFilter: 'exact' | 'contains';
  /** `total_records` of an inventory list filtered by code: `"0"`, as it was seen live, or the truth. */
  readonly inventoryFilteredTotal: 'zero' | 'exact';
  readonly badCredentials: 401 | 403;
  /** An unknown id; 200 is an error told in the body only. */
  readonly unknownId: 404 | 400 | 200;
  /** A known path with a method it does not take. */
  readonly unknownMethod: 405 | 404;
  /** A GET that carries a Content-Type, a Content-Length or a body. */
  readonly bodyOnGet: 'rejected' | 'tolerated';
  /** `folders` of a store that has none: `[]` or `{}`. */
  readonly emptyFolders: 'list' | 'map';
  readonly storeIdType: 'string' | 'number';
  readonly itemPriceType: 'number' | 'string';
  /** Where answers about orders tell the time they took. */
  readonly orderTiming: 'execution_time' | 'message' | 'none';
  /** Who shares a bucket of requests: a store's own clients, or all stores of one account. */
  readonly bucketScope: 'store' | 'account';
  /** The header of a 429 that tells how long to wait. */
  readonly retryAfterHeader: 'X-Retry-After' | 'Retry-After' | 'none';
}

export const defaultSwitches: SandboxSwitches = {
  textFilters: 'exact',
  textCase: 'ignored',
  sourceIdFilter: 'exact',
  endDate: 'exclusive',
  bareEndDate: 'midnight',
  zonedDates: 'zone_ignored',
  malformedDate: 'ignored',
  sortableFields: 'all',
  unknownOrderBy: 'ignored',
  ties: 'by_id',
  excessLimit: 'clamped',
  historyOnSingleOrder: 'honoured',
  inventoryPaging: 'ignored',
  inventoryCodeFilter: 'exact',
  inventoryFilteredTotal: 'zero',
  badCredentials: 401,
  unknownId: 404,
  unknownMethod: 405,
  bodyOnGet: 'rejected',
  emptyFolders: 'list',
  storeIdType: 'string',
  itemPriceType: 'number',
  orderTiming: 'execution_time',
  bucketScope: 'store',
  retryAfterHeader: 'X-Retry-After',
};
