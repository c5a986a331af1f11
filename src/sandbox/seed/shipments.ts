/** Made-up shipments: all fields text, some with the bulky picture of a label. */
import { formatUtc } from '../dates.js';
import type { ItemRecord, ShipmentRecord, ShippedItem } from '../types.js';
import type { NonEmpty, Prng } from './prng.js';

interface Carrier {
  readonly code: string;
  readonly methods: NonEmpty<string>;
  readonly trackingUrl: string;
  number(prng: Prng): string;
}

const DOMESTIC: NonEmpty<Carrier> = [
  {
    code: 'USPS',
    methods: ['Ground Advantage', 'Priority Mail'],
    trackingUrl: 'https://track.example.com/usps/',
    number: (prng) => `9400${prng.digits(18)}`,
  },
  {
    code: 'UPS',
    methods: ['Ground', '2nd Day Air'],
    trackingUrl: 'https://track.example.com/ups/',
    number: (prng) => `1Z${prng.digits(16)}`,
  },
  {
    code: 'FedEx',
    methods: ['Home Delivery', 'Ground Economy'],
    trackingUrl: 'https://track.example.com/fedex/',
    number: (prng) => prng.digits(12),
  },
];

const INTERNATIONAL: NonEmpty<Carrier> = [
  {
    code: 'DHL',
    methods: ['Express Worldwide', 'Paket International'],
    trackingUrl: 'https://track.example.com/dhl/',
    number: (prng) => prng.digits(10),
  },
];

export interface ShipmentFacts {
  readonly id: number;
  readonly orderId: string;
  readonly storeId: string;
  readonly domestic: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly items: readonly ItemRecord[];
  /** Whether `items` are only some of the order's. */
  readonly partial: boolean;
  readonly labelImage: string;
}

export function makeShipment(prng: Prng, facts: ShipmentFacts): ShipmentRecord {
  const carrier = prng.pick(facts.domestic ? DOMESTIC : INTERNATIONAL);
  const untracked = prng.chance(0.02);
  const number = untracked ? 'n/a' : carrier.number(prng);
  const weight = facts.items.reduce((sum, item) => sum + item.weight * item.quantity, 0);
  const labelled = prng.chance(0.06);
  const added = formatUtc(facts.at);
  return {
    id: String(facts.id),
    order_id: facts.orderId,
    store_id: facts.storeId,
    tracking_number: number,
    carrier_code: carrier.code,
    shipment_method: prng.pick(carrier.methods),
    weight: prng.chance(0.9) ? weight.toFixed(2) : '',
    weight_unit: 'lb',
    cost: prng.chance(0.6) ? (prng.int(380, 2900) / 100).toFixed(2) : prng.pick(['', '0']),
    status: prng.pick(['', '', 'in_transit', 'delivered']),
    tracking_url: untracked ? '' : `${carrier.trackingUrl}${number}`,
    label_format: labelled ? 'PNG' : '',
    label_image: labelled ? facts.labelImage : '',
    print_status: labelled ? '1' : '0',
    order_items: facts.partial ? facts.items.map(shippedItem) : '',
    source: prng.pick(['Manual', 'API', 'ShipStation']),
    cart_shipment_id: '',
    label_shipment_id: labelled ? `shp_${prng.digits(14)}` : '',
    date_shipped: added.slice(0, 10),
    date_added: added,
  };
}

function shippedItem(item: ItemRecord): ShippedItem {
  return { id: item.id, code: item.code, quantity: item.quantity };
}

const LABEL_BYTES = 36 * 1024;

/** One picture for all labels of a store, so that its tens of kilobytes are in memory once. Base64. */
export function makeLabelImage(prng: Prng): string {
  const bytes = Buffer.alloc(LABEL_BYTES);
  Buffer.from('89504e470d0a1a0a', 'hex').copy(bytes);
  for (let at = 8; at < LABEL_BYTES; at += 4) bytes.writeUInt32BE(Math.floor(prng.next() * 0xffffffff), at);
  return bytes.toString('base64');
}
