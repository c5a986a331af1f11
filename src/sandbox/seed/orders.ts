/** One ordinary order, with what it went through until the anchor. */
import { DAY_MS, formatUtc } from '../dates.js';
import { blankReturnAddress, totalsOf } from '../order-defaults.js';
import type { HistoryRecord, ItemRecord, NoteRecord, OrderRecord, ShipmentRecord } from '../types.js';
import { CATALOGUE } from './catalogue.js';
import { type Channel, pickChannel } from './channels.js';
import { hasShipped, STAGE_FOLDERS, type Stage, stageAt } from './folders.js';
import { GIFT_MESSAGES, STAFF_NOTES } from './messages.js';
import type { Person } from './people.js';
import type { NonEmpty, Prng } from './prng.js';
import { makeShipment } from './shipments.js';

const HOUR_MS = 3_600_000;

export interface OrderFacts {
  readonly orderId: number;
  readonly storeId: string;
  readonly buyer: Person;
  /** Milliseconds since the epoch. */
  readonly addedAt: number;
  readonly anchor: number;
  readonly homeCountry: string;
  readonly labelImage: string;
  nextItemId(): number;
  nextShipmentId(): number;
}

export interface MadeOrder {
  readonly order: OrderRecord;
  readonly history: readonly HistoryRecord[];
}

export function makeOrder(prng: Prng, facts: OrderFacts): MadeOrder {
  const channel = pickChannel(prng);
  const stage = stageAt(prng, (facts.anchor - facts.addedAt) / DAY_MS);
  const items = makeItems(prng, facts, stage);
  const handledAt = between(prng, facts.addedAt, facts.anchor, 6 * DAY_MS);
  const shipments = hasShipped(stage) ? makeShipments(prng, facts, items, handledAt) : [];
  const { address, email, customerId } = facts.buyer;
  const charges = makeCharges(prng);
  const totals = totalsOf({ ...charges, order_items: items });
  const payment = makePayment(prng, channel, stage);
  const amounts = amountsOf(payment.status, totals.order_total);
  const { discount_list, shipping_total, handling_total, tax_total } = charges;
  const gift = prng.chance(0.05);
  // Written out, with no spreading: made more than a thousand times at every start.
  const order: OrderRecord = {
    id: String(facts.orderId),
    email: channel.name === 'Amazon' ? `buyer-${prng.digits(9)}@marketplace.example.org` : email,
    shipping_method: shippingMethod(prng, address.country, facts.homeCountry),
    quantity_total: totals.quantity_total,
    weight_total: totals.weight_total,
    product_total: totals.product_total,
    shipping_total,
    handling_total,
    tax_total,
    discount_total: totals.discount_total,
    order_total: totals.order_total,
    cc_number_masked: payment.card ? `xxxxxxxxxxxx${prng.digits(4)}` : '',
    cc_exp: payment.card ? `${String(prng.int(1, 12)).padStart(2, '0')}/20${prng.int(27, 33)}` : '',
    processor_response: payment.card ? `Stripe: ch_${prng.digits(16)}` : '',
    payment_type: payment.type,
    payment_status: payment.status,
    processor_balance: amounts.processor_balance,
    refund_total: amounts.refund_total,
    customer_id: customerId,
    email_count: String(prng.int(0, 4)),
    ip_address: prng.chance(0.7) ? `192.0.2.${prng.int(1, 254)}` : '',
    tag_color: '',
    source_name: channel.name,
    source_id: channel.sourceId(prng, facts.orderId),
    fulfillment_name: items.some(({ fulfillment_method }) => fulfillment_method !== '') ? 'Printful' : '',
    fulfillment_id: hasShipped(stage) && prng.chance(0.2) ? prng.digits(8) : '',
    tag_name: prng.weighted(TAGS),
    folder_id: STAGE_FOLDERS[stage].id,
    date_added: formatUtc(facts.addedAt),
    date_updated: shipments.at(-1)?.date_added ?? formatUtc(handledAt),
    shipping: {
      first_name: gift ? 'Gift' : address.first_name,
      last_name: gift ? 'Recipient' : address.last_name,
      company: address.company,
      address1: address.address1,
      address2: address.address2,
      address3: '',
      address4: '',
      city: address.city,
      state: address.state,
      postal_code: address.postal_code,
      country: address.country,
      phone: address.phone,
    },
    customer: address,
    return_address: blankReturnAddress,
    checkout_data: prng.chance(0.1) ? { 'Gift Message': prng.pick(GIFT_MESSAGES) } : [],
    order_metadata: channel.metadata(prng),
    discount_list,
    order_notes: prng.chance(0.12) ? [staffNote(prng, handledAt)] : [],
    order_items: items,
    order_shipments: shipments,
  };
  return { order, history: makeHistory(order, channel, stage, facts.addedAt, handledAt) };
}

const TAGS: NonEmpty<readonly [string, number]> = [
  ['', 80],
  ['success', 10],
  ['info', 6],
  ['danger', 4],
];

function makeCharges(prng: Prng) {
  const discount = () => ({
    name: 'Discount',
    code: prng.pick(['WELCOME10', 'SPRING', '']),
    amount: (prng.int(1, 6) * 0.85).toFixed(2),
  });
  return {
    shipping_total: prng.chance(0.3) ? 0 : prng.int(395, 2490) / 100,
    handling_total: prng.chance(0.1) ? 0.5 : 0,
    tax_total: prng.chance(0.6) ? prng.int(20, 900) / 100 : 0,
    discount_list: prng.chance(0.18) ? [discount()] : [],
  };
}

function makeItems(prng: Prng, facts: OrderFacts, stage: Stage): readonly ItemRecord[] {
  const count = prng.weighted([
    [1, 60],
    [2, 24],
    [3, 10],
    [prng.int(4, 9), 6],
  ]);
  return Array.from({ length: count }, () => {
    const product = prng.pick(CATALOGUE);
    const printed = product.printed && stage !== 'new';
    return {
      id: String(facts.nextItemId()),
      name: product.name,
      price: product.priceCents / 100,
      quantity: prng.weighted([
        [1, 75],
        [2, 17],
        [prng.int(3, 12), 8],
      ]),
      weight: product.weight,
      code: product.code,
      delivery_type: product.category === 'digital' ? 'download' : 'ship',
      category_code: product.category,
      fulfillment_method: printed && prng.chance(0.5) ? 'Printful' : '',
      variation_list: product.variation,
      metadata: product.printed
        ? { print_sku: `P-${product.code}`, image: `https://img.example.com/${product.code}.png` }
        : [],
    };
  });
}

function makeShipments(
  prng: Prng,
  facts: OrderFacts,
  items: readonly ItemRecord[],
  shippedAt: number,
): readonly ShipmentRecord[] {
  const parts = items.length > 1 && prng.chance(0.12) ? [items.slice(0, 1), items.slice(1)] : [items];
  return parts.map((part, at) =>
    makeShipment(prng, {
      id: facts.nextShipmentId(),
      orderId: String(facts.orderId),
      storeId: facts.storeId,
      domestic: facts.buyer.address.country === facts.homeCountry,
      at: Math.min(facts.anchor, shippedAt + at * 5 * HOUR_MS),
      items: part,
      partial: parts.length > 1,
      labelImage: facts.labelImage,
    }),
  );
}

const CARDS: ReadonlySet<string> = new Set(['Visa', 'MasterCard', 'American Express']);

const PAYMENT_STATES: NonEmpty<readonly [string, number]> = [
  ['Captured', 70],
  ['Approved', 22],
  ['Partially Refunded', 3],
  ['Authorized', 3],
  ['Pending', 1.5],
  ['Rejected', 0.5],
];

function makePayment(prng: Prng, channel: Channel, stage: Stage) {
  const type = prng.pick(channel.paymentTypes);
  const status =
    stage === 'canceled' ? prng.pick(['Voided', 'Fully Refunded']) : prng.weighted(PAYMENT_STATES);
  return { type, status, card: CARDS.has(type) };
}

/** What was refunded and what remains, as the payment status has it. */
function amountsOf(status: string, orderTotal: number) {
  const cents = Math.round(orderTotal * 100);
  const part = status === 'Partially Refunded' ? Math.floor(cents / 4) : 0;
  const refunded = status === 'Fully Refunded' ? cents : part;
  const charged = status === 'Voided' || status === 'Rejected' ? 0 : cents;
  return { refund_total: refunded / 100, processor_balance: Math.max(0, charged - refunded) / 100 };
}

/** The order with a refund and a balance that agree with its payment status and total. */
export function withPayments(order: OrderRecord): OrderRecord {
  return { ...order, ...amountsOf(order.payment_status, order.order_total) };
}

function shippingMethod(prng: Prng, country: string, homeCountry: string): string {
  return country === homeCountry
    ? prng.pick(['Standard', 'USPS Ground Advantage', 'FedEx Home Delivery', 'UPS Ground', 'Expedited'])
    : prng.pick(['International Tracked', 'DHL Express Worldwide']);
}

function staffNote(prng: Prng, at: number): NoteRecord {
  return {
    date_added: formatUtc(at),
    username: prng.pick(['Rep', 'Dana', 'Søren']),
    content: prng.pick(STAFF_NOTES),
  };
}

function makeHistory(
  order: OrderRecord,
  channel: Channel,
  stage: Stage,
  addedAt: number,
  handledAt: number,
): readonly HistoryRecord[] {
  const entry = (note: string, at: number): HistoryRecord => ({
    source_name: 'Order Desk',
    note,
    date_added: formatUtc(at),
  });
  return [
    entry(`Order Imported from ${channel.name}`, addedAt),
    ...(stage === 'new' ? [] : [entry(`Order Moved to ${STAGE_FOLDERS[stage].name} Folder`, handledAt)]),
    ...order.order_shipments.map(({ tracking_number, date_added }) => ({
      ...entry(`Shipment Added: ${tracking_number}`, handledAt),
      date_added,
    })),
  ];
}

/** A moment after `from`, within `span`, and not after `until`. Milliseconds. */
function between(prng: Prng, from: number, until: number, span: number): number {
  return from + Math.floor(prng.next() * Math.min(span, until - from));
}
