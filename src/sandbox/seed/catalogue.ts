/** What the stores sell: 20 products in 4 variants each, 80 SKUs, and the inventory records for them. */
import { DAY_MS, formatUtc } from '../dates.js';
import type { InventoryRecord, PhpMap } from '../types.js';
import type { NonEmpty, Prng } from './prng.js';

export interface Product {
  readonly code: string;
  readonly name: string;
  readonly category: string;
  readonly priceCents: number;
  readonly weight: number;
  readonly variation: PhpMap<string>;
  readonly printed: boolean;
}

type Line = readonly [
  prefix: string,
  name: string,
  category: string,
  priceCents: number,
  weight: number,
  variation: string,
  values: NonEmpty<string>,
];

const SIZES: NonEmpty<string> = ['S', 'M', 'L', 'XL'];
const COLOURS: NonEmpty<string> = ['Black', 'Navy', 'Oat', 'Forest Green'];
const SCENTS: NonEmpty<string> = ['Cedar', 'Fig', 'Sea Salt', 'Crème Brûlée'];
const FORMATS: NonEmpty<string> = ['A5', 'A4', 'A3', '50×70 cm'];

const LINES: NonEmpty<Line> = [
  ['TEE', 'Organic T-Shirt', 'apparel', 2450, 0.4, 'Size', SIZES],
  ['HOOD', 'Heavyweight Hoodie', 'apparel', 5900, 1.3, 'Size', SIZES],
  ['SOCK', 'Merino Socks', 'apparel', 1400, 0.15, 'Size', SIZES],
  ['CAP', 'Corduroy Cap', 'apparel', 2800, 0.2, 'Color', COLOURS],
  ['TOTE', 'Canvas Tote "Market Day"', 'bags', 1900, 0.35, 'Color', COLOURS],
  ['PACK', 'Day Pack 18 L', 'bags', 8900, 1.9, 'Color', COLOURS],
  ['MUG', 'Stoneware Mug', 'kitchen', 1650, 0.9, 'Color', COLOURS],
  ['BOWL', 'Ramen Bowl', 'kitchen', 2200, 1.4, 'Color', COLOURS],
  ['APRN', 'Linen Apron', 'kitchen', 3600, 0.5, 'Color', COLOURS],
  ['CNDL', 'Soy Candle', 'home', 1850, 0.75, 'Scent', SCENTS],
  ['SOAP', 'Bar Soap', 'home', 750, 0.25, 'Scent', SCENTS],
  ['DIFF', 'Reed Diffuser', 'home', 3200, 0.8, 'Scent', SCENTS],
  ['BLNK', 'Wool Blanket', 'home', 11900, 3.2, 'Color', COLOURS],
  ['PRNT', 'Art Print "Fjord"', 'paper', 2000, 0.3, 'Format', FORMATS],
  ['NOTE', 'Dotted Notebook', 'paper', 1275, 0.45, 'Format', FORMATS],
  ['CAL', 'Wall Calendar', 'paper', 1995, 0.6, 'Format', FORMATS],
  ['STKR', 'Sticker Sheet', 'paper', 350, 0.02, 'Format', FORMATS],
  ['ENML', 'Enamel Pin', 'gifts', 899, 0.05, 'Color', COLOURS],
  ['PUZL', 'Jigsaw Puzzle', 'gifts', 2750, 1.1, 'Pieces', ['100', '500', '1000', '2000']],
  ['CARD', 'Gift Card', 'digital', 2500, 0, 'Amount', ['25', '50', '75', '100']],
];

const PRINTED = new Set(['TEE', 'HOOD', 'TOTE', 'MUG', 'PRNT']);

export const CATALOGUE: NonEmpty<Product> = nonEmpty(
  LINES.flatMap(([prefix, name, category, priceCents, weight, variation, values]) =>
    values.map((value, at) => ({
      code: `${prefix}-${value.replace(/[^A-Za-z0-9]+/g, '').toUpperCase()}`,
      name: `${name} – ${value}`,
      category,
      priceCents: category === 'digital' ? Number(value) * 100 : priceCents + at * 200,
      weight,
      variation: { [variation]: value },
      printed: PRINTED.has(prefix),
    })),
  ),
);

function nonEmpty<T>(list: readonly T[]): NonEmpty<T> {
  const [first, ...rest] = list;
  if (first === undefined) throw new Error('The catalogue is empty.');
  return [first, ...rest];
}

/** Lowest id of an inventory record. */
const FIRST_INVENTORY_ID = 57_838_910;

/** @param anchor milliseconds since the epoch */
export function makeInventory(prng: Prng, anchor: number): readonly InventoryRecord[] {
  return CATALOGUE.map((product, at) => {
    const updated = anchor - prng.int(0, 80) * DAY_MS - prng.int(0, DAY_MS / 1000) * 1000;
    return {
      id: FIRST_INVENTORY_ID + at * 3,
      name: product.name,
      code: product.code,
      price: product.priceCents / 100,
      cost: Math.round(product.priceCents * 0.42) / 100,
      weight: product.weight,
      stock: prng.weighted([
        [prng.int(5, 400), 85],
        [0, 8],
        [prng.int(1, 4), 5],
        [-prng.int(1, 12), 2],
      ]),
      update_source: prng.pick(['Manual', 'API', 'Order Desk', 'CSV Import']),
      location: prng.pick(['', 'Aisle 3 / Bin 12', 'Main Warehouse', 'Printful']),
      manufacturer_sku: prng.chance(0.4) ? null : prng.chance(0.5) ? '' : `MF-${prng.digits(6)}`,
      metadata: product.printed ? { print_sku: `P-${product.code}` } : [],
      variation_list: prng.chance(0.9) ? product.variation : [],
      date_added: formatUtc(anchor - prng.int(120, 900) * DAY_MS),
      date_updated: formatUtc(updated),
    };
  });
}
