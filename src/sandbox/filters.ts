/** The filters of `GET /orders`. Each known parameter becomes one test; all must hold; unknown ones are ignored. */
import { DAY_MS, formatUtc, type LocalClock, readDate } from './dates.js';
import { type Failure, failure } from './envelope.js';
import type { SandboxSwitches } from './switches.js';
import type { FolderRecord, OrderRecord } from './types.js';

export type Query = ReadonlyMap<string, string>;
type Test = (order: OrderRecord) => boolean;
type Read = (order: OrderRecord) => string;

export interface FilterContext {
  readonly folders: readonly FolderRecord[];
  readonly local: LocalClock;
  readonly switches: SandboxSwitches;
}

const ADDRESS_FIELDS = ['first_name', 'last_name', 'company', 'address1', 'phone'] as const;

/** Parameters that search a text field, partly or wholly as switched. */
const TEXT_FILTERS: readonly (readonly [string, Read])[] = ADDRESS_FIELDS.flatMap(
  (field): (readonly [string, Read])[] => [
    [`customer_${field}`, (order) => order.customer[field]],
    [`shipping_${field}`, (order) => order.shipping[field]],
  ],
);

/** Parameters that always mean the whole field. */
const EQUAL_FILTERS: readonly (readonly [string, Read])[] = [
  ['email', (order) => order.email],
  ['customer_id', (order) => order.customer_id],
  ['source_name', (order) => order.source_name],
];

const DATE_FILTERS: readonly {
  readonly parameter: string;
  readonly read: Read;
  readonly bound: 'start' | 'end';
  readonly local: boolean;
}[] = [
  { parameter: 'search_start_date', read: (o) => o.date_added, bound: 'start', local: false },
  { parameter: 'search_end_date', read: (o) => o.date_added, bound: 'end', local: false },
  { parameter: 'search_start_date_local', read: (o) => o.date_added, bound: 'start', local: true },
  { parameter: 'search_end_date_local', read: (o) => o.date_added, bound: 'end', local: true },
  { parameter: 'modified_start_date', read: (o) => o.date_updated, bound: 'start', local: false },
  { parameter: 'modified_end_date', read: (o) => o.date_updated, bound: 'end', local: false },
];

/** One test for all filters in the query, or the refusal of a date that cannot be understood. */
export function orderFilter(query: Query, context: FilterContext): Test | Failure {
  const { switches } = context;
  const tests: Test[] = [...folderTests(query, context.folders)];

  const addText = (parameter: string, read: Read, mode: 'exact' | 'contains') => {
    const wanted = query.get(parameter);
    if (wanted) tests.push(textTest(read, wanted, mode, switches.textCase));
  };
  for (const [parameter, read] of TEXT_FILTERS) addText(parameter, read, switches.textFilters);
  for (const [parameter, read] of EQUAL_FILTERS) addText(parameter, read, 'exact');
  addText('source_id', (order) => order.source_id, switches.sourceIdFilter);

  for (const filter of DATE_FILTERS) {
    const text = query.get(filter.parameter);
    if (!text) continue;
    const limit = dateLimit(text, filter.bound, filter.local ? context.local : undefined, switches);
    if (limit === undefined) {
      if (switches.malformedDate === 'error') return failure(400, `Invalid date in ${filter.parameter}`);
      continue;
    }
    tests.push(dateTest(filter.read, filter.bound, limit, switches.endDate));
  }
  return (order) => tests.every((test) => test(order));
}

function* folderTests(query: Query, folders: readonly FolderRecord[]): Generator<Test> {
  const ids = query.get('folder_id');
  if (ids) {
    const wanted = new Set(ids.split(',').map(Number));
    yield (order) => wanted.has(order.folder_id);
  }
  const name = query.get('folder_name');
  if (name) {
    const wanted = new Set(folders.filter((folder) => folder.name === name).map((folder) => folder.id));
    yield (order) => wanted.has(order.folder_id);
  }
}

function textTest(
  read: Read,
  wanted: string,
  mode: 'exact' | 'contains',
  textCase: SandboxSwitches['textCase'],
): Test {
  const fold = textCase === 'ignored' ? (text: string) => text.toLowerCase() : (text: string) => text;
  const needle = fold(wanted);
  return mode === 'exact'
    ? (order) => fold(read(order)) === needle
    : (order) => fold(read(order)).includes(needle);
}

function dateTest(
  read: Read,
  bound: 'start' | 'end',
  limit: string,
  endDate: SandboxSwitches['endDate'],
): Test {
  if (bound === 'start') return (order) => read(order) >= limit;
  return endDate === 'inclusive' ? (order) => read(order) <= limit : (order) => read(order) < limit;
}

/** The bound as UTC text; `undefined` when the date is not understood. */
function dateLimit(
  text: string,
  bound: 'start' | 'end',
  local: LocalClock | undefined,
  switches: SandboxSwitches,
): string | undefined {
  const date = readDate(text);
  if (date === undefined) return undefined;
  if (date.zone !== undefined) {
    if (switches.zonedDates === 'malformed') return undefined;
    if (switches.zonedDates === 'zone_applied') return formatUtc(date.wallClock - date.zone);
  }
  const endOfDay = bound === 'end' && date.bare && switches.bareEndDate === 'end_of_day';
  const wallClock = endOfDay ? date.wallClock + DAY_MS - 1000 : date.wallClock;
  return formatUtc(local === undefined ? wallClock : local(wallClock));
}
