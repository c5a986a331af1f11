/** The switches as a person or a program outside of TypeScript sets them: by name and value, which are checked here. */
import type { SandboxSwitches } from './switches.js';

type Table = {
  readonly [Name in keyof SandboxSwitches]: {
    readonly [Value in SandboxSwitches[Name] as `${Value}`]: Value;
  };
};

/** Every value that a switch may have, by its text. A switch or a value that is missing here does not compile. */
export const SWITCH_VALUES: Table = {
  textFilters: { exact: 'exact', contains: 'contains' },
  textCase: { ignored: 'ignored', significant: 'significant' },
  sourceIdFilter: { exact: 'exact', contains: 'contains' },
  endDate: { exclusive: 'exclusive', inclusive: 'inclusive' },
  bareEndDate: { midnight: 'midnight', end_of_day: 'end_of_day' },
  zonedDates: { zone_ignored: 'zone_ignored', zone_applied: 'zone_applied', malformed: 'malformed' },
  malformedDate: { ignored: 'ignored', error: 'error' },
  sortableFields: { all: 'all', documented: 'documented' },
  unknownOrderBy: { ignored: 'ignored', error: 'error' },
  ties: { by_id: 'by_id', shuffled: 'shuffled' },
  excessLimit: { clamped: 'clamped', error: 'error' },
  historyOnSingleOrder: { honoured: 'honoured', ignored: 'ignored' },
  inventoryPaging: { ignored: 'ignored', honoured: 'honoured' },
  inventoryCodeFilter: { exact: 'exact', contains: 'contains' },
  inventoryFilteredTotal: { zero: 'zero', exact: 'exact' },
  badCredentials: { 401: 401, 403: 403 },
  unknownId: { 404: 404, 400: 400, 200: 200 },
  unknownMethod: { 405: 405, 404: 404 },
  bodyOnGet: { rejected: 'rejected', tolerated: 'tolerated' },
  emptyFolders: { list: 'list', map: 'map' },
  storeIdType: { string: 'string', number: 'number' },
  itemPriceType: { number: 'number', string: 'string' },
  orderTiming: { execution_time: 'execution_time', message: 'message', none: 'none' },
  bucketScope: { store: 'store', account: 'account' },
  retryAfterHeader: { 'X-Retry-After': 'X-Retry-After', 'Retry-After': 'Retry-After', none: 'none' },
  invalidRequest: { 400: 400, 200: 200 },
  errorsMember: { none: 'none', listed: 'listed' },
  unknownFolder: { 400: 400, 200: 200 },
  requiredName: { any_part: 'any_part', full_or_company: 'full_or_company' },
  duplicateOrders: { source_id_and_name: 'source_id_and_name', source_id: 'source_id', none: 'none' },
  duplicateOrderStatus: { 400: 400, 409: 409, 200: 200 },
  createdOrderRules: { order_imported: 'order_imported', none: 'none' },
  editRules: { silent: 'silent', fired: 'fired' },
  putValidation: { lenient: 'lenient', strict: 'strict' },
  absentOrderItems: { removed: 'removed', kept: 'kept' },
  missingOrderItems: { removed: 'removed', kept: 'kept' },
  putFolderRules: { fired: 'fired', silent: 'silent' },
  computedTotals: { computed: 'computed', as_sent: 'as_sent' },
  sourceIdOnPut: { kept: 'kept', changed: 'changed' },
  dateAddedOnPut: { kept: 'kept', settable: 'settable' },
  cardOnPut: { kept: 'kept', blanked: 'blanked' },
  overlongData: { refused: 'refused', truncated_silently: 'truncated_silently' },
  historyCap: { refused: 'refused', dropped: 'dropped' },
  historyDate: { set: 'set', kept: 'kept' },
  itemPut: { replaced: 'replaced', merged: 'merged' },
  dateShipped: { ignored: 'ignored', honoured: 'honoured' },
  batchShipmentItems: { ignored: 'ignored', honoured: 'honoured' },
  batchShipmentIds: { left_out: 'left_out', given: 'given' },
  batchShipmentMaximum: { none: 'none', refused: 'refused' },
  duplicateCode: { refused: 'refused', allowed: 'allowed' },
  inventoryWriter: { kept: 'kept', cut: 'cut', ignored: 'ignored' },
  batchInventoryMatch: { id: 'id', id_or_code: 'id_or_code' },
  batchInventoryIncomplete: { blanked: 'blanked', refused: 'refused' },
  batchInventoryUnknown: { ignored: 'ignored', created: 'created' },
  batchInventoryResults: { none: 'none', per_item: 'per_item' },
  batchInventoryMaximum: { none: 'none', refused: 'refused' },
  partlyFailedBatch: { success: 'success', error: 'error' },
  moveUnknownOrder: { left_out: 'left_out', told: 'told', refused: 'refused' },
  moveToSameFolder: { moved_again: 'moved_again', unchanged: 'unchanged' },
  moveMaximum: { none: 'none', refused: 'refused' },
};

const VALUES: ReadonlyMap<string, ReadonlyMap<string, string | number>> = new Map(
  Object.entries(SWITCH_VALUES).map(([name, values]) => [name, new Map(Object.entries(values))]),
);

/** What is wrong with a switch, and which ones there are instead. */
export class UnknownSwitch extends Error {
  override readonly name = 'UnknownSwitch';
  readonly switchName: string;

  constructor(switchName: string, message: string) {
    super(message);
    this.switchName = switchName;
  }
}

/**
 * @param given values by name; the text of a number is as good as the number
 * @throws UnknownSwitch for a name or a value that there is not
 */
export function readSwitches(given: Readonly<Record<string, unknown>>): Partial<SandboxSwitches> {
  const entries = Object.entries(given).map(([name, value]) => [name, readValue(name, value)]);
  return Object.fromEntries(entries) as Partial<SandboxSwitches>;
}

function readValue(name: string, given: unknown): string | number {
  const values = VALUES.get(name);
  if (values === undefined) {
    throw new UnknownSwitch(name, `There is no such switch. Choose from: ${[...VALUES.keys()].join(', ')}.`);
  }
  const isText = typeof given === 'string' || typeof given === 'number';
  const value = isText ? values.get(String(given)) : undefined;
  if (value === undefined) {
    throw new UnknownSwitch(name, `It has no such value. Choose from: ${[...values.keys()].join(', ')}.`);
  }
  return value;
}
