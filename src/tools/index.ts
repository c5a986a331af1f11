import type { ToolDefinition } from '../mcp/catalogue.js';
import type { ToolDeps } from './deps.js';
import { getOrderTool } from './get-order.js';
import { getStoreTool } from './get-store.js';
import { listOrdersTool } from './list-orders.js';
import { listStoresTool } from './list-stores.js';

export type { ToolDeps } from './deps.js';
export { INSTRUCTIONS } from './instructions.js';

/** Every tool by name, in the order in which clients see them. */
const TOOLS: Readonly<Record<string, (deps: ToolDeps) => ToolDefinition>> = {
  list_stores: listStoresTool,
  get_store: getStoreTool,
  list_orders: listOrdersTool,
  get_order: getOrderTool,
};

export const TOOL_NAMES: readonly string[] = Object.keys(TOOLS);

export const makeTools = (deps: ToolDeps): ToolDefinition[] => Object.values(TOOLS).map((make) => make(deps));
