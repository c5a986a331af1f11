/** Questions to the read tools, drawn around an order that there is, so that most of them find something. */
import fc from 'fast-check';
import type { FolderRecord, OrderRecord } from '../../../src/sandbox/index.js';
import { instantOf, utcOf, type WallClock } from './clock.js';
import { GROUPINGS, type ListArguments, type ScanArguments, type SummaryArguments } from './oracle.js';

export interface Drawing {
  readonly orders: readonly OrderRecord[];
  readonly folders: readonly FolderRecord[];
  readonly clock: WallClock;
}

/** Ways to write one moment; those of a day or a minute mean another one, which is as good. */
const STYLES = ['zulu', 'offset', 'wall', 'minute', 'fraction', 'spaced', 'day'] as const;

function written(instant: number, style: (typeof STYLES)[number], clock: WallClock): string {
  const utc = utcOf(instant);
  const wall = clock.at(instant);
  switch (style) {
    case 'zulu':
      return `${utc.replace(' ', 'T')}Z`;
    case 'offset':
      return `${utcOf(instant - 3.5 * 3_600_000).replace(' ', 'T')}-03:30`;
    case 'wall':
      return wall.replace(' ', 'T');
    case 'minute':
      return wall.slice(0, 16).replace(' ', 'T');
    case 'fraction':
      return `${wall.replace(' ', 'T')}.5`;
    case 'spaced':
      return wall;
    case 'day':
      return wall.slice(0, 10);
  }
}

type Read = (order: OrderRecord) => string;
interface Moment {
  readonly instant: number;
  readonly text: string;
}
type Ends = readonly [Moment, Moment];

/** At, just before or just after an order, or somewhere between. */
const moments = ({ orders, clock }: Drawing, read: Read): fc.Arbitrary<Moment> =>
  fc
    .tuple(
      fc.constantFrom(...orders),
      fc.oneof(fc.constantFrom(0, 0, -1, 1), fc.integer({ min: -200_000, max: 200_000 })),
      fc.constantFrom(...STYLES),
    )
    .map(([order, seconds, style]) => {
      const instant = instantOf(read(order)) + seconds * 1_000;
      return { instant, text: written(instant, style, clock) };
    });

const ranges = (drawing: Drawing, read: Read): fc.Arbitrary<Ends> =>
  fc
    .tuple(moments(drawing, read), moments(drawing, read))
    .map(([a, b]): Ends => (a.instant <= b.instant ? [a, b] : [b, a]));

const wholeRange = ({ orders }: Drawing, read: Read): Ends => {
  const at = orders.map((order) => instantOf(read(order)));
  const moment = (instant: number): Moment => ({ instant, text: new Date(instant).toISOString() });
  return [moment(Math.min(...at)), moment(Math.max(...at) + 1_000)];
};

const addedRange = (drawing: Drawing) =>
  fc
    .oneof(
      ranges(drawing, ({ date_added }) => date_added),
      fc.constant(wholeRange(drawing, ({ date_added }) => date_added)),
    )
    .map(([from, to]) => ({ added_from: from.text, added_to: to.text }));

const modifiedRange = (drawing: Drawing) =>
  ranges(drawing, ({ date_updated }) => date_updated).map(([from, to]) => ({
    modified_from: from.text,
    modified_to: to.text,
  }));

type Texts = Readonly<Record<string, string>>;

/** Some of the filters; blank texts are none. */
const someOf = (drawn: Readonly<Record<string, fc.Arbitrary<string>>>, least: number, most: number) =>
  fc.record(drawn).chain((values): fc.Arbitrary<Texts> => {
    const filters = Object.entries(values).filter(([, text]) => text.trim() !== '');
    return fc
      .subarray(filters, { minLength: Math.min(least, filters.length), maxLength: most })
      .map(Object.fromEntries);
  });

/** As it is, in other letters, or a part. */
const spelling = (text: string): fc.Arbitrary<string> =>
  fc.constantFrom(text, text, text.toUpperCase(), ` ${text.toLowerCase()}`, text.slice(1, 5));

const folder = ({ folders }: Drawing, near: OrderRecord) => {
  const oneOf = (some: readonly FolderRecord[]) =>
    fc
      .constantFrom(...some)
      .chain(({ id, name }) =>
        fc.constantFrom(String(id), name, name.toUpperCase(), ` ${name.toLowerCase()} `),
      );
  const its = oneOf(folders.filter(({ id }) => id === near.folder_id));
  const several = fc.tuple(its, fc.array(oneOf(folders), { maxLength: 4 }));
  return fc.oneof(
    its,
    several.map(([first, others]) => [...others, first]),
    oneOf(folders),
  );
};

/** Mostly without a filter by text: an order is easily found by none of two. */
const TEXT_FILTERS = [0, 0, 0, 1, 1, 2] as const;

const listArguments = (drawing: Drawing, near: OrderRecord): fc.Arbitrary<ListArguments> =>
  fc
    .tuple(fc.constantFrom('shipping' as const, 'customer' as const), fc.constantFrom(...TEXT_FILTERS))
    .chain(([address, count]) =>
      fc.record({
        address: fc.constant(address),
        texts: someOf(
          {
            source_id: spelling(near.source_id),
            source_name: spelling(near.source_name),
            email: spelling(near.email),
            customer_id: spelling(near.customer_id),
            first_name: spelling(near[address].first_name),
            last_name: spelling(near[address].last_name),
            company: spelling(near[address].company),
            phone: spelling(near[address].phone),
            address1: spelling(near[address].address1),
          },
          count,
          count,
        ),
        folders: fc.option(folder(drawing, near), { nil: undefined, freq: 1 }),
        modified: fc.option(modifiedRange(drawing), { nil: undefined, freq: 1 }),
        ends: fc.subarray(['modified_from', 'modified_to'] as const),
        rarely: fc.nat(2),
      }),
    )
    .map(({ address, texts, folders, modified, ends, rarely }) => ({
      address,
      ...texts,
      ...(folders === undefined ? {} : { folder: folders }),
      ...(modified === undefined || rarely > 0
        ? {}
        : Object.fromEntries(ends.map((end) => [end, modified[end]]))),
    }));

const amountNear = ({ order_total }: OrderRecord, cents: number): string =>
  Math.max(0, order_total + cents / 100).toFixed(2);

const scanArguments = (near: OrderRecord): fc.Arbitrary<ScanArguments> =>
  someOf(
    {
      sku: spelling(near.order_items[0]?.code ?? ''),
      tracking_number: spelling(near.order_shipments[0]?.tracking_number ?? ''),
      text: fc.constantFrom(...textsOf(near)).chain((text) => spelling(text.slice(0, 150))),
      min_total: fc.integer({ min: -4_000, max: 0 }).map((cents) => amountNear(near, cents)),
      max_total: fc.integer({ min: 0, max: 4_000 }).map((cents) => amountNear(near, cents)),
      payment_status: fc.constantFrom(near.payment_status, near.payment_status.toUpperCase()),
      shipped: fc.constantFrom('no', 'partly', 'yes', 'not_needed'),
    },
    1,
    2,
  );

/** Mostly without: an order is easily in no group at all. */
const stateArguments = (near: OrderRecord): fc.Arbitrary<Texts> =>
  fc.nat(2).chain((most) =>
    someOf(
      {
        payment_status: fc.constantFrom(near.payment_status, near.payment_status.toUpperCase()),
        shipped: fc.constantFrom('no', 'partly', 'yes', 'not_needed'),
      },
      0,
      most,
    ),
  );

const textsOf = (order: OrderRecord): string[] => [
  order.id,
  order.email,
  `${order.customer.first_name} ${order.customer.last_name}`,
  order.shipping.city,
  order.shipping.phone,
  ...order.order_items.map(({ name }) => name),
  ...order.order_notes.map(({ content }) => content),
];

export interface ListQuery {
  readonly kind: 'list';
  readonly args: ListArguments & ScanArguments & { readonly sort: 'asc' | 'desc' };
  /** Of the pages, in turn. */
  readonly limits: readonly number[];
  /** Orders that Order Desk gives at most at once. */
  readonly largestPage: number;
}

export interface SortedQuery {
  readonly kind: 'sorted';
  readonly args: ListArguments & {
    readonly sort_by: 'date_updated' | 'order_total' | 'shipping_last_name';
    readonly sort: 'asc' | 'desc';
    readonly limit: number;
  };
}

export interface SummaryQuery {
  readonly kind: 'summary';
  readonly args: SummaryArguments;
  readonly largestPage: number;
}

const sorts = fc.constantFrom('asc' as const, 'desc' as const);

/** At least what one second of the sandbox holds: an order of equal seconds that changes is not read in parts. */
const largestPages = fc.oneof(fc.constant(500), fc.integer({ min: 30, max: 499 }));

/** Around one order of the store. */
const around = <T>({ orders }: Drawing, draw: (near: OrderRecord) => fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.constantFrom(...orders).chain(draw);

const openRange = (drawing: Drawing) =>
  fc
    .tuple(addedRange(drawing), fc.subarray(['added_from', 'added_to'] as const))
    .map(([range, ends]) => Object.fromEntries(ends.map((end) => [end, range[end]])));

/** Only what Order Desk does at the very end of a range tells whether that order is in it. */
const endsAtAnOrder = ({ orders }: Drawing) =>
  fc.constantFrom(...orders).map(({ date_added }) => ({ added_to: `${date_added.replace(' ', 'T')}Z` }));

export const listQueries = (drawing: Drawing): fc.Arbitrary<ListQuery> =>
  around(drawing, (near) =>
    fc
      .record({
        filters: listArguments(drawing, near),
        rest: fc.oneof(openRange(drawing), fc.tuple(addedRange(drawing), scanArguments(near))),
        sort: sorts,
        limits: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 4 }),
        largestPage: largestPages,
      })
      .map(({ filters, rest, sort, limits, largestPage }) => ({
        kind: 'list',
        args: { ...filters, ...(Array.isArray(rest) ? { ...rest[0], ...rest[1] } : rest), sort },
        limits,
        largestPage,
      })),
  );

/** By anything but the date added: one page. */
export const sortedQueries = (drawing: Drawing): fc.Arbitrary<SortedQuery> =>
  around(drawing, (near) =>
    fc
      .record({
        filters: listArguments(drawing, near),
        ends: fc.oneof(openRange(drawing), endsAtAnOrder(drawing)),
        sort_by: fc.constantFrom(
          'date_updated' as const,
          'order_total' as const,
          'shipping_last_name' as const,
        ),
        sort: sorts,
        limit: fc.integer({ min: 1, max: 60 }),
      })
      .map(({ filters, ends, ...rest }) => ({ kind: 'sorted', args: { ...filters, ...ends, ...rest } })),
  );

export const summaryQueries = (drawing: Drawing): fc.Arbitrary<SummaryQuery> =>
  around(drawing, (near) =>
    fc
      .record({
        filters: listArguments(drawing, near),
        ends: addedRange(drawing),
        grouping: fc.option(fc.constantFrom(...GROUPINGS), { nil: undefined, freq: 8 }),
        top: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
        state: stateArguments(near),
        largestPage: largestPages,
      })
      .map(({ filters, ends, grouping, top, state, largestPage }) => ({
        kind: 'summary',
        args: {
          ...filters,
          ...ends,
          ...state,
          ...(grouping === undefined ? {} : { group_by: grouping }),
          ...(top === undefined ? {} : { top }),
        },
        largestPage,
      })),
  );
