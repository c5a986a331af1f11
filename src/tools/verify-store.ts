import { z } from 'zod';
import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { clip } from '../orders/text.js';
import type { StoreAdmin, StoreDirectory } from '../tenancy/stores.js';
import { READS } from './annotations.js';
import { storeOut } from './output.js';
import { type StoreChoice, storeArguments } from './params.js';

export interface VerifyStoreDeps {
  readonly directory: StoreDirectory;
  readonly storeAdmin: StoreAdmin;
}

const output = z.object({
  store: storeOut,
  order_desk_id: z.string(),
  connection: z.literal('working').describe('A refused credential is an error instead'),
  verified: z.string().nullable().describe('When Order Desk accepted it, UTC'),
});

export function verifyStoreTool(
  { directory, storeAdmin }: VerifyStoreDeps,
  choice: StoreChoice,
): ToolDefinition {
  return defineTool({
    name: 'verify_store',
    title: 'Verify a store',
    description:
      'Asks Order Desk now whether it accepts the stored credential of a store, past every cache, and remembers the answer. Use it after ' +
      'an upstream_credentials_refused error, or when the owner has mended it; for the last known state of all stores ' +
      'list_stores is enough. Changes nothing at Order Desk. The credential itself is never shown.',
    toolset: 'admin',
    input: storeArguments(choice, {}),
    output,
    annotations: READS,
    async handler(args, { principal }) {
      const entry = await directory.resolve(principal, args.store);
      const verified = await storeAdmin.verify(principal, entry);
      return {
        store: clip(verified.name, 200),
        order_desk_id: verified.orderDeskId,
        connection: 'working' as const,
        verified: verified.verifiedAt?.toISOString() ?? null,
      };
    },
  });
}
