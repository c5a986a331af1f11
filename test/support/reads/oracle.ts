/** What the read tools must answer, computed from all records of the sandbox by the shortest way there is. */
import type { FolderRecord, OrderRecord, SandboxSwitches } from '../../../src/sandbox/index.js';
import { boundOf, instantOf, type WallClock, weekOf } from './clock.js';

export interface ListArguments {
  readonly folder?: string | readonly string[];
  readonly added_from?: string;
  readonly added_to?: string;
  readonly modified_from?: string;
  readonly modified_to?: string;
  readonly source_id?: string;
  readonly source_name?: string;
  readonly email?: string;
  readonly customer_id?: string;
  readonly first_name?: string;
  readonly last_name?: string;
  readonly company?: string;
  readonly phone?: string;
  readonly address1?: string;
  readonly address?: 'shipping' | 'customer';
}

export interface ScanArguments {
  readonly sku?: string;
  readonly tracking_number?: string;
  readonly text?: string;
  readonly min_total?: string;
  readonly max_total?: string;
  readonly payment_status?: string;
  readonly shipped?: string;
}

/** What a store holds, and how its Order Desk behaves where that is not known. */
export interface Truth {
  readonly orders: readonly OrderRecord[];
  readonly folders: readonly FolderRecord[];
  readonly clock: WallClock;
  readonly switches: Pick<SandboxSwitches, 'textFilters' | 'textCase' | 'sourceIdFilter'>;
}

type Test = (order: OrderRecord) => boolean;

const fold = (text: string): string => text.normalize('NFKC').trim().toLowerCase();
const withoutSpaces = (text: string): string => fold(text).replace(/\s/g, '');

/** Whole cents: the sandbox has no smaller amounts. */
export const cents = (amount: number | string): bigint => BigInt(Math.round(Number(amount) * 100));

export interface Bounds {
  readonly from: number;
  /** Not in the range any more. */
  readonly to: number;
}

export const boundsOf = (from: string | undefined, to: string | undefined, clock: WallClock): Bounds => ({
  from: from === undefined ? Number.NEGATIVE_INFINITY : boundOf(from, 'from', clock),
  to: to === undefined ? Number.POSITIVE_INFINITY : boundOf(to, 'to', clock),
});

export function folderIds({ folders }: Truth, wanted: string | readonly string[]): Set<number> {
  const names = typeof wanted === 'string' ? [wanted] : wanted;
  return new Set(
    names.map((name) => {
      const found = folders.find((each) => String(each.id) === name || fold(each.name) === fold(name));
      return found?.id ?? -1;
    }),
  );
}

/** The filters that Order Desk has. */
export function listTest(args: ListArguments, truth: Truth): Test {
  const { clock, switches } = truth;
  const added = boundsOf(args.added_from, args.added_to, clock);
  const modified = boundsOf(args.modified_from, args.modified_to, clock);
  const folders = args.folder === undefined ? undefined : folderIds(truth, args.folder);
  const of = args.address ?? 'shipping';
  const spelled = (text: string) => (switches.textCase === 'ignored' ? text.toLowerCase() : text);
  const is = (value: string, wanted: string | undefined, how: 'exact' | 'contains') =>
    wanted === undefined ||
    (how === 'exact'
      ? spelled(value) === spelled(wanted.trim())
      : spelled(value).includes(spelled(wanted.trim())));
  return (order) => {
    const [addedAt, modifiedAt] = [instantOf(order.date_added), instantOf(order.date_updated)];
    const person = order[of];
    return (
      (folders === undefined || folders.has(order.folder_id)) &&
      addedAt >= added.from &&
      addedAt < added.to &&
      modifiedAt >= modified.from &&
      modifiedAt < modified.to &&
      is(order.source_id, args.source_id, switches.sourceIdFilter) &&
      is(order.source_name, args.source_name, 'exact') &&
      is(order.email, args.email, 'exact') &&
      is(order.customer_id, args.customer_id, 'exact') &&
      is(person.first_name, args.first_name, switches.textFilters) &&
      is(person.last_name, args.last_name, switches.textFilters) &&
      is(person.company, args.company, switches.textFilters) &&
      is(person.phone, args.phone, switches.textFilters) &&
      is(person.address1, args.address1, switches.textFilters)
    );
  };
}

/** The filters that it has not. */
export function scanTest(args: ScanArguments): Test {
  return (order) =>
    (args.sku === undefined || order.order_items.some(({ code }) => fold(code) === fold(args.sku ?? ''))) &&
    (args.tracking_number === undefined ||
      order.order_shipments.some(
        (each) => withoutSpaces(each.tracking_number) === withoutSpaces(args.tracking_number ?? ''),
      )) &&
    (args.text === undefined || textsOf(order).some((each) => fold(each).includes(fold(args.text ?? '')))) &&
    (args.min_total === undefined || cents(order.order_total) >= cents(args.min_total)) &&
    (args.max_total === undefined || cents(order.order_total) <= cents(args.max_total)) &&
    (args.payment_status === undefined || fold(order.payment_status) === fold(args.payment_status)) &&
    (args.shipped === undefined || shippedOf(order) === args.shipped);
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');

function textsOf(order: OrderRecord): string[] {
  const { shipping, customer } = order;
  const names = [shipping, customer].map(({ first_name, last_name }) =>
    [first_name, last_name].filter((part) => part !== '').join(' '),
  );
  const { address3, address4, first_name: _first, last_name: _last, ...shippingRest } = shipping;
  const { first_name: _first2, last_name: _last2, ...customerRest } = customer;
  return [
    order.id,
    order.source_id,
    order.email,
    order.customer_id,
    order.shipping_method,
    order.tag_name,
    ...names,
    address3,
    address4,
    ...Object.values(shippingRest),
    ...Object.values(customerRest),
    ...order.order_items.flatMap((item) => [
      item.name,
      item.code,
      ...Object.values(item.variation_list).map(textOf),
    ]),
    ...order.discount_list.flatMap(({ name, code }) => [name, code]),
    ...order.order_shipments.map((shipment) => shipment.tracking_number),
    ...order.order_notes.map((note) => note.content),
    ...Object.values(order.checkout_data).map(textOf),
  ];
}

export function shippedOf({ order_items, order_shipments }: OrderRecord): string {
  if (order_shipments.some((shipment) => shipment.order_items === '')) return 'yes';
  const goods = order_items.filter(({ delivery_type }) => !['noship', 'download'].includes(delivery_type));
  if (order_shipments.length === 0) return goods.length === 0 ? 'not_needed' : 'no';
  const lines = order_shipments.flatMap((shipment) => shipment.order_items || []);
  const sent = (id: string) =>
    lines.filter((line) => line.id === id).reduce((sum, line) => sum + line.quantity, 0);
  return goods.every(({ id, quantity }) => sent(id) >= quantity) ? 'yes' : 'partly';
}

/** Oldest first, or newest first; by id within a second. */
export function inOrder(orders: readonly OrderRecord[], sort: 'asc' | 'desc'): OrderRecord[] {
  const ascending = orders.toSorted(
    (a, b) => instantOf(a.date_added) - instantOf(b.date_added) || Number(a.id) - Number(b.id),
  );
  return sort === 'asc' ? ascending : ascending.reverse();
}

const shown = (sum: bigint): string => {
  const digits = String(sum < 0n ? -sum : sum).padStart(3, '0');
  return `${sum < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};
const add = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);

function averageOf(sum: bigint, count: bigint): bigint {
  const [whole, rest] = [sum / count, sum % count];
  return 2n * rest > count || (2n * rest === count && whole % 2n === 1n) ? whole + 1n : whole;
}

function numbersOf(orders: readonly OrderRecord[]) {
  const sum = (amount: (order: OrderRecord) => number) => add(orders.map((order) => cents(amount(order))));
  const revenue = sum((order) => order.order_total);
  return {
    orders: orders.length,
    units: String(orders.reduce((units, order) => units + order.quantity_total, 0)),
    revenue: shown(revenue),
    average: orders.length === 0 ? null : shown(averageOf(revenue, BigInt(orders.length))),
    shipping: shown(sum((order) => order.shipping_total)),
    tax: shown(sum((order) => order.tax_total)),
    discount: shown(sum((order) => order.discount_total)),
    refunds: shown(sum((order) => order.refund_total)),
  };
}

type Line = OrderRecord['order_items'][number];

const linesOf = (lines: readonly Line[]) => ({
  units: String(lines.reduce((units, { quantity }) => units + quantity, 0)),
  item_total: shown(add(lines.map(({ price, quantity }) => cents(price) * BigInt(quantity)))),
});

const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());

function stateOf({ shipping, customer }: OrderRecord): string | null {
  const { state, country } = shipping.state === '' ? customer : shipping;
  return state === '' || country === '' ? orNull(state) : orNull(`${state.trim()}, ${country.trim()}`);
}

const KEYS: Readonly<Record<string, (order: OrderRecord, truth: Truth) => string | null>> = {
  day: (order, { clock }) => clock.day(instantOf(order.date_added)),
  week: (order, { clock }) => weekOf(clock.day(instantOf(order.date_added))),
  month: (order, { clock }) => clock.day(instantOf(order.date_added)).slice(0, 7),
  source: (order) => orNull(order.source_name),
  folder: (order, { folders }) =>
    folders.find(({ id }) => id === order.folder_id)?.name ?? String(order.folder_id),
  country: ({ shipping, customer }) => orNull(shipping.country === '' ? customer.country : shipping.country),
  state: stateOf,
  payment_status: (order) => orNull(order.payment_status),
  shipping_method: (order) => orNull(order.shipping_method),
};

export const GROUPINGS: readonly string[] = [...Object.keys(KEYS), 'sku'];

function grouped<T>(each: readonly T[], keyOf: (one: T) => string | null): [string | null, T[]][] {
  const groups = new Map<string | null, T[]>();
  for (const one of each) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return [...groups];
}

/** The largest amount first, then by key. */
function largestFirst<T>(
  groups: [string | null, T[]][],
  amount: (members: T[]) => bigint,
): [string | null, T[]][] {
  const ranked = groups.map((group) => ({ group, amount: amount(group[1]) }));
  return ranked
    .sort((a, b) =>
      a.amount === b.amount
        ? (a.group[0] ?? '') < (b.group[0] ?? '')
          ? -1
          : 1
        : a.amount > b.amount
          ? -1
          : 1,
    )
    .map(({ group }) => group);
}

function folded<T>(groups: [string | null, T[]][], top: number, numbers: (members: T[]) => object) {
  const rest = groups.slice(top);
  return {
    groups: groups.slice(0, top).map(([key, members]) => ({ key, ...numbers(members) })),
    ...(rest.length === 0
      ? {}
      : { other: { groups: rest.length, ...numbers(rest.flatMap(([, members]) => members)) } }),
  };
}

export interface SummaryArguments extends ListArguments, Pick<ScanArguments, 'payment_status' | 'shipped'> {
  readonly group_by?: string;
  readonly top?: number;
}

/** The answer of summarize_orders, without its remarks. @param canceled ids of folders whose orders count apart */
export function summaryOf(args: SummaryArguments, truth: Truth, canceled: ReadonlySet<number>) {
  const listed = truth.orders.filter(listTest(args, truth));
  const matching = listed.filter(scanTest(args));
  const counted = matching.filter(({ folder_id }) => !canceled.has(folder_id));
  const apart = matching.filter(({ folder_id }) => canceled.has(folder_id));
  const { group_by: grouping } = args;
  const isPeriod = ['day', 'week', 'month'].includes(grouping ?? '');
  const { top = isPeriod ? 100 : 20 } = args;
  const keyOf = KEYS[grouping ?? ''];
  const byKey = keyOf === undefined ? [] : grouped(counted, (order) => keyOf(order, truth));
  const latestFirst = byKey.toSorted(([a], [b]) => ((a ?? '') < (b ?? '') ? 1 : -1));
  const byRevenue = largestFirst(byKey, (orders) => add(orders.map((order) => cents(order.order_total))));
  const skus = largestFirst(
    grouped(
      counted.flatMap((order) => order.order_items),
      ({ code }) => orNull(code),
    ),
    (lines) => add(lines.map(({ price, quantity }) => cents(price) * BigInt(quantity))),
  );
  return {
    scanned: listed.length,
    totals: numbersOf(counted),
    left_out: { orders: apart.length, revenue: numbersOf(apart).revenue },
    ...(grouping === undefined
      ? {}
      : grouping === 'sku'
        ? folded(skus, top, linesOf)
        : folded(isPeriod ? latestFirst : byRevenue, top, numbersOf)),
  };
}
