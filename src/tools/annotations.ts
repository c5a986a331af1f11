import type { ToolAnnotations } from '../mcp/catalogue.js';

/** Reads change nothing and look at a world outside this server. */
export const READS: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: true,
};
