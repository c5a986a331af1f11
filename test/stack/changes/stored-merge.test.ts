/** Patches of orders put through the sandbox, and the orders as it stores them. */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { asTaken } from '../../../src/changes/kinds/order-record-taken.js';
import { mergeOrder } from '../../../src/orders/merge/order.js';
import { asMap, type Raw } from '../../../src/orders/merge/raw.js';
import { sandboxInProcess } from '../../support/changes/sandbox-in-process.js';
import { orderPatch, patchOf, strangeness, strangeOrder } from './stored-arbitraries.js';
import {
  accepted,
  agree,
  at,
  holds,
  less,
  NOTES_BY,
  pick,
  restored,
  stored,
  takenAsMeant,
} from './stored-promises.js';

const shop = sandboxInProcess(40);
const orderStored = (id: string): Raw => stored(shop.store.order(id));

describe('an order that a patch is merged into and that is put back', () => {
  const orders = shop.store.orders().map(({ id }) => shop.read(`/orders/${id}`, 'order'));

  it(
    'is stored with what the patch names as it was meant, and all else as it was; and undone, as it was',
    holds(fc.tuple(pick, strangeness, orderPatch), ([place, strange, drawn]) => {
      const order = at(orders, place);
      const [id, path] = [String(order.id), `/orders/${order.id}`];
      shop.put(path, strangeOrder(order, strange));
      const before = orderStored(id);

      const raw = shop.read(path, 'order');
      const patch = patchOf(raw, drawn);
      const readAt = shop.now();
      const options = { now: new Date(readAt), notesBy: NOTES_BY };
      const { merged, fields } = accepted(mergeOrder(raw, patch, options));
      const changed = asMap(shop.put(path, merged).order) ?? {};
      takenAsMeant(before, patch, orderStored(id), readAt);

      const line = asTaken({ target: { kind: 'order', id }, outcome: 'applied', fields }, changed);
      shop.put(path, restored(changed, line.fields));
      agree('Undone', less(orderStored(id), 'date_updated'), less(before, 'date_updated'));
    }),
  );
});
