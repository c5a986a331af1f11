/** The units in which keys are given tools. A name stays known from its first release on: keys are stored with it. */
import type { Toolset } from '../mcp/catalogue.js';

export const TOOLSETS: readonly Toolset[] = [
  { name: 'default' },
  { name: 'items' },
  { name: 'shipments' },
  { name: 'inventory_admin' },
  { name: 'destructive' },
  { name: 'admin', ownersOnly: true },
];
