/** Everything a made-up store holds, as a pure function of a seed and a date. */
import { DAY_MS } from '../dates.js';
import type { HistoryRecord, OrderRecord, StoreData } from '../types.js';
import { makeInventory } from './catalogue.js';
import { FOLDERS } from './folders.js';
import { ODDITIES } from './oddities.js';
import { makeOrder } from './orders.js';
import { makePerson, type Person } from './people.js';
import { createPrng, type NonEmpty, type Prng } from './prng.js';
import { makeLabelImage } from './shipments.js';

export interface StoreDataOptions {
  readonly storeId: string;
  readonly seed: number;
  /** Orders lie in the 90 days before this moment. */
  readonly anchor: Date;
  /** Two letters, where most buyers live; `US` unless told. */
  readonly homeCountry?: string;
  /** 1,200 unless told. */
  readonly orderCount?: number;
  /** 26,211 unless told. Ids rise with the time an order came in, with gaps. */
  readonly firstOrderId?: number;
}

const DAYS = 90;
const DEFAULT_ORDER_COUNT = 1200;
const DEFAULT_FIRST_ORDER_ID = 26_211;
const FIRST_ITEM_ID = 4_798_600;
const FIRST_SHIPMENT_ID = 437_000;

export function generateStoreData(options: StoreDataOptions): StoreData {
  const prng = createPrng(options.seed);
  // Whole seconds: the API knows nothing finer.
  const anchor = Math.floor(options.anchor.getTime() / 1000) * 1000;
  const count = options.orderCount ?? DEFAULT_ORDER_COUNT;
  const homeCountry = options.homeCountry ?? 'US';
  const people = makePeople(prng, homeCountry, Math.ceil(count / 2));
  const labelImage = makeLabelImage(prng);

  let orderId = (options.firstOrderId ?? DEFAULT_FIRST_ORDER_ID) - 1;
  let itemId = FIRST_ITEM_ID;
  let shipmentId = FIRST_SHIPMENT_ID;
  const orders: OrderRecord[] = [];
  const history = new Map<string, readonly HistoryRecord[]>();
  for (const addedAt of arrivalTimes(prng, count, anchor)) {
    orderId += orders.length === 0 || prng.chance(0.8) ? 1 : prng.int(2, 6);
    const made = makeOrder(prng, {
      orderId,
      storeId: options.storeId,
      buyer: prng.pick(people),
      addedAt,
      anchor,
      homeCountry,
      labelImage,
      nextItemId: () => ++itemId,
      nextShipmentId: () => ++shipmentId,
    });
    orders.push(made.order);
    history.set(made.order.id, made.history);
  }
  return { folders: FOLDERS, orders: withOddities(orders), history, inventory: makeInventory(prng, anchor) };
}

function makePeople(prng: Prng, homeCountry: string, count: number): NonEmpty<Person> {
  const make = (number: number) => makePerson(prng, homeCountry, number);
  return [make(0), ...Array.from({ length: count }, (_, at) => make(at + 1))];
}

/** How many orders come in within one second, once in every store: more than a page of a careful client. */
const BIG_IMPORT = 25;

/**
 * When the orders were placed, in the order in which they come in. Marketplaces deliver several of one second at
 * once, and a few orders arrive late.
 */
function arrivalTimes(prng: Prng, count: number, anchor: number): number[] {
  const span = (DAYS * DAY_MS) / 1000;
  const moments: number[] = [];
  const add = (secondsAgo: number, times: number) => {
    for (let left = Math.min(times, count - moments.length); left > 0; left -= 1) {
      moments.push(anchor - secondsAgo * 1000);
    }
  };
  add(prng.int(Math.floor(span / 4), Math.floor(span / 3)), BIG_IMPORT);
  while (moments.length < count) {
    add(prng.int(60, span - 1), prng.chance(0.06) ? prng.int(2, 6) : 1);
  }
  moments.sort((a, b) => a - b);
  const oldest = anchor - span * 1000;
  return moments.map((at) => (prng.chance(0.03) ? Math.max(oldest, at - prng.int(1, 172_800) * 1000) : at));
}

/** Puts every oddity into orders spread evenly over the store. A store too small for all has the first ones. */
function withOddities(orders: readonly OrderRecord[]): readonly OrderRecord[] {
  const oddities = Object.values(ODDITIES);
  const stride = Math.max(2, Math.floor(orders.length / oddities.length));
  return orders.map((order, at) => {
    const other = orders[at - 1];
    const oddity = at % stride === stride - 1 ? oddities[Math.floor(at / stride)] : undefined;
    return oddity === undefined || other === undefined ? order : oddity(order, other);
  });
}
