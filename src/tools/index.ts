import type { Catalogue, ToolDefinition } from '../mcp/catalogue.js';
import { addOrderItemTool } from './add-order-item.js';
import { addOrderNoteTool } from './add-order-note.js';
import { addShipmentsTool } from './add-shipments.js';
import { createInventoryItemTool } from './create-inventory-item.js';
import { createOrderTool } from './create-order.js';
import { deleteInventoryItemTool } from './delete-inventory-item.js';
import { deleteOrderTool } from './delete-order.js';
import { deleteShipmentTool } from './delete-shipment.js';
import type { ToolDeps } from './deps.js';
import { findExceptionsTool } from './find-exceptions.js';
import { getOrderTool } from './get-order.js';
import { getStoreTool } from './get-store.js';
import { instructionsFor } from './instructions.js';
import { listChangesTool } from './list-changes.js';
import { listInventoryTool } from './list-inventory.js';
import { listOrdersTool } from './list-orders.js';
import { listStoresTool } from './list-stores.js';
import { moveOrdersTool } from './move-orders.js';
import type { StoreChoice } from './params.js';
import { removeOrderItemTool } from './remove-order-item.js';
import { removeStoreTool } from './remove-store.js';
import { summarizeOrdersTool } from './summarize-orders.js';
import { TOOLSETS } from './toolsets.js';
import { undoChangeTool } from './undo-change.js';
import { updateInventoryTool } from './update-inventory.js';
import { updateOrderTool } from './update-order.js';
import { updateOrderItemTool } from './update-order-item.js';
import { updateShipmentTool } from './update-shipment.js';
import { updateStoreTool } from './update-store.js';
import { verifyStoreTool } from './verify-store.js';

export type { ToolDeps } from './deps.js';
export { TOOLSETS } from './toolsets.js';

/** Every tool by name, in the order in which clients see them. */
const TOOLS: Readonly<Record<string, (deps: ToolDeps, choice: StoreChoice) => ToolDefinition>> = {
  list_stores: listStoresTool,
  get_store: getStoreTool,
  list_orders: listOrdersTool,
  get_order: getOrderTool,
  summarize_orders: summarizeOrdersTool,
  find_exceptions: findExceptionsTool,
  list_inventory: listInventoryTool,
  create_order: createOrderTool,
  update_order: updateOrderTool,
  move_orders: moveOrdersTool,
  add_order_note: addOrderNoteTool,
  add_shipments: addShipmentsTool,
  update_inventory: updateInventoryTool,
  undo_change: undoChangeTool,
  list_changes: listChangesTool,
  add_order_item: addOrderItemTool,
  update_order_item: updateOrderItemTool,
  remove_order_item: removeOrderItemTool,
  update_shipment: updateShipmentTool,
  delete_shipment: deleteShipmentTool,
  create_inventory_item: createInventoryItemTool,
  delete_inventory_item: deleteInventoryItemTool,
  delete_order: deleteOrderTool,
  update_store: updateStoreTool,
  remove_store: removeStoreTool,
  verify_store: verifyStoreTool,
};

export const TOOL_NAMES: readonly string[] = Object.keys(TOOLS);

/** What the product offers, for callers who choose among stores and for those bound to one. */
export function makeCatalogue(deps: ToolDeps): Omit<Catalogue, 'serverInfo'> {
  const offered = (choice: StoreChoice) => ({
    instructions: instructionsFor(choice),
    tools: Object.values(TOOLS).map((make) => make(deps, choice)),
  });
  return {
    ...offered('named'),
    forOneStore: offered('bound'),
    toolsets: TOOLSETS,
    // Empty rather than absent: many clients ask for both without looking at the capabilities.
    prompts: [],
    resources: [],
  };
}
