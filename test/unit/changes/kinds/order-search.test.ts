import { describe, expect, it } from 'vitest';
import type { Surroundings } from '../../../../src/changes/change-type.js';
import { seek } from '../../../../src/changes/kinds/order-record-search.js';
import { parseOrder } from '../../../../src/orderdesk/parse/order.js';
import type { Order, OrderPage, OrderQuery, UnreadableOrder } from '../../../../src/orderdesk/port.js';
import { orderRecord, storeEntry } from '../../orderdesk/records.js';

const CHANGE = 'the-change';
const SENT_AT = new Date('2026-01-08T12:00:00Z');

const orderOf = (id: number, change: Readonly<Record<string, unknown>> = {}): Order =>
  parseOrder(orderRecord({ id: String(id), source_id: `S-${id}`, ...change }), 'order');
const marked = (id: number) => orderOf(id, { order_metadata: { odm_change: CHANGE } });

interface Store {
  readonly asked: OrderQuery[];
  readonly around: Surroundings;
}

/** Answers each search with what `answer` gives of all that match. */
function storeWith(
  answer: (query: OrderQuery) => Partial<OrderPage> & { readonly all?: readonly Order[] },
): Store {
  const asked: OrderQuery[] = [];
  const unused = async (): Promise<never> => {
    throw new Error('not read here');
  };
  const around: Surroundings = {
    store: storeEntry(),
    storeView: unused,
    reads: {
      order: unused,
      inventoryByCodes: unused,
      inventoryItem: unused,
      async orders(_store, query) {
        asked.push(query);
        const { all = [], ...page } = answer(query);
        const offset = query.offset ?? 0;
        const orders = all.slice(offset, offset + query.limit);
        return { orders, unreadable: [], total: all.length, offset, tookMs: 0, ...page };
      },
    },
    ctx: { signal: new AbortController().signal },
    changeId: CHANGE,
    now: () => SENT_AT,
    previewed: false,
  };
  return { asked, around };
}

const byTime = { sourceId: undefined, dated: undefined, likeness: '' };
const ids = (orders: readonly Order[]): readonly string[] => orders.map(({ view }) => view.id);

describe('seeking an order that may have been made', () => {
  it('looks a quarter of an hour around the time it was sent, oldest first', async () => {
    const { asked, around } = storeWith(() => ({ all: [orderOf(1), marked(2)] }));
    const { found, isComplete } = await seek(around, byTime, SENT_AT);
    expect(ids(found)).toEqual(['2']);
    expect(isComplete).toBe(true);
    expect(asked).toEqual([
      {
        addedFrom: new Date('2026-01-08T11:45:00Z'),
        addedTo: new Date('2026-01-08T12:15:00Z'),
        sortBy: 'date_added',
        sort: 'asc',
        limit: 500,
        offset: 0,
      },
    ]);
  });

  it('reads page after page, at most four', async () => {
    const many = Array.from({ length: 1_999 }, (_, at) => orderOf(at + 1));
    const all = storeWith(() => ({ all: [...many, marked(2_000)] }));
    expect(await seek(all.around, byTime, SENT_AT)).toMatchObject({ isComplete: true });
    expect(all.asked.map(({ offset }) => offset)).toEqual([0, 500, 1_000, 1_500]);
    const more = storeWith(() => ({ all: [...many, orderOf(2_000), marked(2_001)] }));
    expect(await seek(more.around, byTime, SENT_AT)).toMatchObject({ found: [], isComplete: false });
    expect(more.asked).toHaveLength(4);
  });

  it('looks at the date that the order was given as well, where it is not found', async () => {
    const dated = new Date('2025-03-01T10:00:00Z');
    const isThen = ({ addedFrom }: OrderQuery) => addedFrom?.getTime() === dated.getTime() - 1_000;
    const { asked, around } = storeWith((query) => ({ all: isThen(query) ? [marked(3)] : [] }));
    expect(ids((await seek(around, { ...byTime, dated }, SENT_AT)).found)).toEqual(['3']);
    expect(asked[1]).toMatchObject({ addedTo: new Date('2025-03-01T10:00:02Z') });
  });

  it('goes by the number of the shop first, and by the mark where that leads nowhere', async () => {
    const numbered = { sourceId: 'S-7', dated: undefined, likeness: '' };
    const first = storeWith(() => ({ all: [marked(7)] }));
    expect(ids((await seek(first.around, numbered, SENT_AT)).found)).toEqual(['7']);
    expect(first.asked).toMatchObject([{ sourceId: 'S-7' }]);

    const cut = storeWith(({ sourceId }) => ({ all: sourceId === undefined ? [marked(9)] : [] }));
    expect(ids((await seek(cut.around, numbered, SENT_AT)).found)).toEqual(['9']);
    expect(cut.asked).toHaveLength(2);
  });

  const unreadable: UnreadableOrder = {
    id: '8',
    sourceId: null,
    addedAt: null,
    updatedAt: null,
    index: 0,
  };

  it.each([
    ['an order cannot be read', () => ({ all: [orderOf(1)], unreadable: [unreadable] })],
    ['Order Desk counts more than it gives', () => ({ all: [orderOf(1)], total: 2 })],
  ])('is not complete where %s', async (_what, answer) => {
    const { around } = storeWith(answer);
    expect(await seek(around, byTime, SENT_AT)).toMatchObject({ found: [], isComplete: false });
  });

  it('is not complete where the number of orders changes from page to page', async () => {
    const many = Array.from({ length: 600 }, (_, at) => orderOf(at + 1));
    const { around } = storeWith(({ offset }) => ({ all: offset === 0 ? many : many.slice(0, 599) }));
    expect(await seek(around, byTime, SENT_AT)).toMatchObject({ isComplete: false });
  });
});
