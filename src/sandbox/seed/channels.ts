/** Where orders come from, each channel with its own form of order numbers and its own hidden metadata. */
import type { PhpMap } from '../types.js';
import type { NonEmpty, Prng } from './prng.js';

export interface Channel {
  readonly name: string;
  readonly paymentTypes: NonEmpty<string>;
  sourceId(prng: Prng, orderId: number): string;
  metadata(prng: Prng): PhpMap<unknown>;
}

const CARDS: NonEmpty<string> = ['Visa', 'MasterCard', 'American Express', 'PayPal'];

const CHANNELS: NonEmpty<readonly [Channel, number]> = [
  [
    {
      name: 'Shopify',
      paymentTypes: [...CARDS, 'Shop Pay'],
      sourceId: (_prng, orderId) => `#${orderId % 100_000}`,
      metadata: (prng) => ({
        shopify_order_id: Number(prng.digits(13)),
        fraud_protection_score: prng.int(0, 90),
      }),
    },
    38,
  ],
  [
    {
      name: 'Amazon',
      paymentTypes: ['Amazon'],
      sourceId: (prng) => `11${prng.int(1, 4)}-${prng.digits(7)}-${prng.digits(7)}`,
      metadata: () => ({ amazon_fulfillment_channel: 'MFN' }),
    },
    20,
  ],
  [
    {
      name: 'Etsy',
      paymentTypes: ['Etsy Payments', 'PayPal'],
      sourceId: (prng) => `3${prng.digits(9)}`,
      metadata: (prng) => ({ etsy_shop_id: prng.int(20_000_000, 20_000_003) }),
    },
    14,
  ],
  [
    {
      name: 'eBay',
      paymentTypes: ['eBay Managed Payments'],
      sourceId: (prng) => `${prng.digits(2)}-${prng.digits(5)}-${prng.digits(5)}`,
      metadata: () => [],
    },
    9,
  ],
  [
    {
      name: 'TikTok Shop US',
      paymentTypes: ['TikTok Shop'],
      sourceId: (prng) => `5769${prng.digits(14)}`,
      metadata: (prng) => ({ tiktok_package_id: prng.digits(18) }),
    },
    8,
  ],
  [
    {
      name: 'WooCommerce',
      paymentTypes: CARDS,
      sourceId: (_prng, orderId) => String(orderId % 10_000),
      metadata: () => [],
    },
    6,
  ],
  [
    {
      name: 'Order Desk',
      paymentTypes: ['Invoice', 'Check', 'Visa'],
      sourceId: (_prng, orderId) => String(orderId),
      metadata: () => [],
    },
    5,
  ],
];

export function pickChannel(prng: Prng): Channel {
  return prng.weighted(CHANNELS);
}
