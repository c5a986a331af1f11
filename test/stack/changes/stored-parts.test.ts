/** Items, shipments and inventory items changed by patches and put through the sandbox, and what it stores of them. */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { valueAt } from '../../../src/orders/field-paths.js';
import { type Merged, mergeInventory, mergeItem, mergeShipment } from '../../../src/orders/merge/order.js';
import { asList, asMap, type Raw } from '../../../src/orders/merge/raw.js';
import type { Outcome } from '../../../src/orders/merge/refusal.js';
import { sandboxInProcess } from '../../support/changes/sandbox-in-process.js';
import { inventoryPatch, itemPatch, shipmentPatch, strangeness, strangePart } from './stored-arbitraries.js';
import {
  accepted,
  agree,
  at,
  COMPUTED,
  holds,
  less,
  pick,
  restored,
  stored,
  takenAsMeant,
} from './stored-promises.js';

const shop = sandboxInProcess(40);
const orderStored = (id: string): Raw => stored(shop.store.order(id));

interface Part {
  readonly parts: 'order_items' | 'order_shipments';
  readonly path: string;
  readonly member: string;
  readonly merge: (raw: Raw, patch: Raw) => Outcome<Merged>;
  readonly patches: fc.Arbitrary<Raw>;
}

const PARTS: readonly Part[] = [
  {
    parts: 'order_items',
    path: 'order-items',
    member: 'order_item',
    merge: mergeItem,
    patches: itemPatch,
  },
  {
    parts: 'order_shipments',
    path: 'shipments',
    member: 'shipment',
    merge: mergeShipment,
    patches: shipmentPatch,
  },
];

describe.each(PARTS)('one of the $parts that is changed', ({ parts, path, member, merge, patches }) => {
  const all = shop.store
    .orders()
    .flatMap((order) =>
      order[parts].map(({ id }) => ({ orderId: order.id, id, path: `/orders/${order.id}/${path}/${id}` })),
    );
  const originals = new Map(all.map((part) => [part.path, shop.read(part.path, member)]));

  it(
    'is stored as it was meant, nothing else of its order differs; and undone, as it was',
    holds(fc.tuple(pick, strangeness, patches), ([place, strange, patch]) => {
      const { orderId, id, path: url } = at(all, place);
      shop.put(url, strangePart(originals.get(url) ?? {}, strange));
      const before = orderStored(orderId);
      const where = [parts, `#${id}`];
      const partIn = (order: Raw): Raw => asMap(valueAt(order, where)) ?? {};
      const others = (order: Raw) => ({
        ...less(order, 'date_updated', ...COMPUTED, parts),
        [parts]: (asList(order[parts]) ?? []).filter((one) => asMap(one)?.id !== id),
      });

      const { merged, fields } = accepted(merge(partIn(shop.read(`/orders/${orderId}`, 'order')), patch));
      shop.put(url, merged);
      takenAsMeant(partIn(before), patch, partIn(orderStored(orderId)));
      agree('Beside it', others(orderStored(orderId)), others(before));

      const changed = shop.read(`/orders/${orderId}`, 'order');
      const kept = fields.map((field) => ({ ...field, path: [...where, ...field.path] }));
      shop.put(url, partIn(restored(changed, kept)));
      agree('Undone', less(orderStored(orderId), 'date_updated'), less(before, 'date_updated'));
    }),
  );
});

describe('an inventory item that is changed', () => {
  const paths = shop.store.inventory().map(({ id }) => `/inventory-items/${id}`);
  const originals = new Map(paths.map((path) => [path, shop.read(path, 'inventory_item')]));
  const itemStored = (id: unknown) => stored(shop.store.inventory().find((item) => item.id === id));

  it(
    'is stored as it was meant, and undone as it was',
    holds(fc.tuple(pick, strangeness, inventoryPatch), ([place, strange, patch]) => {
      const path = at(paths, place);
      const original = originals.get(path) ?? {};
      shop.put(path, strangePart(original, strange));
      const before = itemStored(original.id);

      const { merged, fields } = accepted(mergeInventory(shop.read(path, 'inventory_item'), patch));
      shop.put(path, merged);
      takenAsMeant(before, patch, itemStored(original.id));

      shop.put(path, restored(shop.read(path, 'inventory_item'), fields));
      agree('Undone', less(itemStored(original.id), 'date_updated'), less(before, 'date_updated'));
    }),
  );
});
