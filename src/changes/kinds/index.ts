/**
 * The kinds of change: one file each supplies what to read, what to send, how to look for a lost answer and how to take it
 * back. The engine does the rest, and nobody else knows a kind.
 *
 * Invariants: a kind reads through `Surroundings.reads` alone and never sends; what it puts into plans is plain JSON; its
 * sentences hold nothing that others wrote.
 */
import type { ChangeTypes } from '../change-type.js';
import { inventoryCreate } from './inventory-create.js';
import { inventoryDelete } from './inventory-delete.js';
import { inventoryUpdate } from './inventory-update.js';
import { itemAdd } from './item-add.js';
import { itemRemove } from './item-remove.js';
import { itemUpdate } from './item-update.js';
import { noteAdd } from './note-add.js';
import { orderCreate } from './order-create.js';
import { orderDelete } from './order-delete.js';
import { orderUpdate } from './order-update.js';
import { ordersMove } from './orders-move.js';
import { shipmentUpdate } from './shipment-update.js';
import { shipmentsAdd } from './shipments-add.js';
import { shipmentsDelete } from './shipments-delete.js';

/** Every kind that there is. */
export const changeTypes = (): ChangeTypes => ({
  order_update: orderUpdate,
  order_create: orderCreate,
  order_delete: orderDelete,
  orders_move: ordersMove,
  note_add: noteAdd,
  item_add: itemAdd,
  item_update: itemUpdate,
  item_remove: itemRemove,
  shipments_add: shipmentsAdd,
  shipment_update: shipmentUpdate,
  shipments_delete: shipmentsDelete,
  inventory_update: inventoryUpdate,
  inventory_create: inventoryCreate,
  inventory_delete: inventoryDelete,
});
