import type { ToolAnnotations } from '../mcp/catalogue.js';

/** Reads change nothing and look at a world outside this server. */
export const READS: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: true,
};

/** Adds to what is there. Called again without an idempotency key, it adds again. */
export const ADDS: ToolAnnotations = { ...READS, readOnlyHint: false, idempotentHint: false };

/** Replaces what was there. Called again, it may have effects again: folder rules run, stock is moved once more. */
export const CHANGES: ToolAnnotations = { ...ADDS, destructiveHint: true };

/** Replaces what was there. Called again with the same arguments, it finds everything done. */
export const SETS: ToolAnnotations = { ...CHANGES, idempotentHint: true };
