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
  /** A request that lacks what is required or holds what makes no sense; 200 is an error told in the body only. */
  readonly invalidRequest: 400 | 200;
  /** Whether such a refusal lists its reasons in `errors`, beside `message`. */
  readonly errorsMember: 'none' | 'listed';
  /** A folder that the store has not, as the aim of a move or in an order. */
  readonly unknownFolder: 400 | 200;
  /** What a new order needs: any part of a name or a company; or first and last name, or a company. */
  readonly requiredName: 'any_part' | 'full_or_company';
  /** What tells that a new order is there already. Orders without a `source_id` are never duplicates. */
  readonly duplicateOrders: 'source_id_and_name' | 'source_id' | 'none';
  /** How a duplicate is refused. */
  readonly duplicateOrderStatus: 400 | 409 | 200;
  /** Which of the merchant's rules an order made through the API sets off. */
  readonly createdOrderRules: 'order_imported' | 'none';
  /** Whether a PUT of an order and writes to its items set off the rules for changed details and addresses. */
  readonly editRules: 'silent' | 'fired';
  /** A PUT of an order without items or a name. */
  readonly putValidation: 'lenient' | 'strict';
  /** A PUT without `order_items`. */
  readonly absentOrderItems: 'removed' | 'kept';
  /** Items that are missing from the `order_items` of a PUT. */
  readonly missingOrderItems: 'removed' | 'kept';
  /** Whether moving an order by the `folder_id` of a PUT sets off the rules that a move does. */
  readonly putFolderRules: 'fired' | 'silent';
  /** Read-only totals that are sent: computed all the same, or taken as sent. */
  readonly computedTotals: 'computed' | 'as_sent';
  /** Another `source_id` in a PUT. */
  readonly sourceIdOnPut: 'kept' | 'changed';
  /** Another `date_added` in a PUT. */
  readonly dateAddedOnPut: 'kept' | 'settable';
  /** `cc_number_masked` and `cc_exp` sent back in a PUT without a `cc_number`. */
  readonly cardOnPut: 'kept' | 'blanked';
  /** `checkout_data` or `order_metadata` above its cap. The text that is cut there can be read no more: blank. */
  readonly overlongData: 'refused' | 'truncated_silently';
  /** A history entry after the 250th: an error, or a success that keeps nothing. */
  readonly historyCap: 'refused' | 'dropped';
  /** Whether a history entry sets the order's `date_updated`. */
  readonly historyDate: 'set' | 'kept';
  /** A PUT of an order item that leaves fields out: blank, or as they were. */
  readonly itemPut: 'replaced' | 'merged';
  /** `date_shipped` of a shipment that is added: today, or as sent. */
  readonly dateShipped: 'ignored' | 'honoured';
  /** `order_items` of a line of `/batch-shipments`. */
  readonly batchShipmentItems: 'ignored' | 'honoured';
  /** `shipment_id` in the results of `/batch-shipments`. */
  readonly batchShipmentIds: 'left_out' | 'given';
  /** More than 100 lines in `/batch-shipments`. */
  readonly batchShipmentMaximum: 'none' | 'refused';
  /** An inventory item with a `code` that another has. */
  readonly duplicateCode: 'refused' | 'allowed';
  /** `update_source` of an inventory item that is written: as sent, its first 32 characters, or always Order Desk's own. */
  readonly inventoryWriter: 'kept' | 'cut' | 'ignored';
  /** What finds an item in `/batch-inventory-items`. */
  readonly batchInventoryMatch: 'id' | 'id_or_code';
  /** A line of `/batch-inventory-items` without `name` or `code`: blanked like other fields, or not carried out. */
  readonly batchInventoryIncomplete: 'blanked' | 'refused';
  /** A line of `/batch-inventory-items` that finds no item. */
  readonly batchInventoryUnknown: 'ignored' | 'created';
  /** Whether `/batch-inventory-items` tells of each line. */
  readonly batchInventoryResults: 'none' | 'per_item';
  /** More than 100 lines in `/batch-inventory-items`. */
  readonly batchInventoryMaximum: 'none' | 'refused';
  /** `status` of the answer to a batch that was carried out in part: what became of which line is told all the same. */
  readonly partlyFailedBatch: 'success' | 'error';
  /** An unknown order in `/move-orders`: no line, a line that only says so, or no move at all. */
  readonly moveUnknownOrder: 'left_out' | 'told' | 'refused';
  /** An order that is in the folder already: moved again with all that follows, or left alone. */
  readonly moveToSameFolder: 'moved_again' | 'unchanged';
  /** More than 100 orders in `/move-orders`. */
  readonly moveMaximum: 'none' | 'refused';
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
  invalidRequest: 400,
  errorsMember: 'none',
  unknownFolder: 400,
  requiredName: 'any_part',
  duplicateOrders: 'source_id_and_name',
  duplicateOrderStatus: 400,
  createdOrderRules: 'order_imported',
  editRules: 'silent',
  putValidation: 'lenient',
  absentOrderItems: 'removed',
  missingOrderItems: 'removed',
  putFolderRules: 'fired',
  computedTotals: 'computed',
  sourceIdOnPut: 'kept',
  dateAddedOnPut: 'kept',
  cardOnPut: 'kept',
  overlongData: 'refused',
  historyCap: 'refused',
  historyDate: 'set',
  itemPut: 'replaced',
  dateShipped: 'ignored',
  batchShipmentItems: 'ignored',
  batchShipmentIds: 'left_out',
  batchShipmentMaximum: 'none',
  duplicateCode: 'refused',
  inventoryWriter: 'kept',
  batchInventoryMatch: 'id',
  batchInventoryIncomplete: 'blanked',
  batchInventoryUnknown: 'ignored',
  batchInventoryResults: 'none',
  batchInventoryMaximum: 'none',
  partlyFailedBatch: 'success',
  moveUnknownOrder: 'left_out',
  moveToSameFolder: 'moved_again',
  moveMaximum: 'none',
};
