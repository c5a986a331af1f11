import type { Catalogue, ToolDefinition } from '../mcp/catalogue.js';
import type { ToolDeps } from './deps.js';
import { findExceptionsTool } from './find-exceptions.js';
import { getOrderTool } from './get-order.js';
import { getStoreTool } from './get-store.js';
import { instructionsFor } from './instructions.js';
import { listInventoryTool } from './list-inventory.js';
import { listOrdersTool } from './list-orders.js';
import { listStoresTool } from './list-stores.js';
import type { StoreChoice } from './params.js';
import { summarizeOrdersTool } from './summarize-orders.js';
import { TOOLSETS } from './toolsets.js';

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
