import { z } from 'zod';
import { AppError } from '../errors.js';
import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { clip } from '../orders/text.js';
import type { Principal } from '../tenancy/principal.js';
import type { Sealer } from '../tenancy/sealer.js';
import type { StoreAdmin, StoreDirectory, StoreEntry } from '../tenancy/stores.js';
import { CHANGES } from './annotations.js';
import { remarksOut } from './output.js';
import { type StoreChoice, storeArguments } from './params.js';
import { confirmedArguments } from './write-params.js';

export interface RemoveStoreDeps {
  readonly directory: StoreDirectory;
  readonly sealer: Sealer;
  readonly storeAdmin: StoreAdmin;
  readonly clock: () => Date;
}

/** From the dry run to the call that is confirmed by it. */
const CONFIRMED_WITHIN_MS = 600_000;

const { confirmation_token, dry_run } = confirmedArguments;

const shape = {
  confirmation_token: confirmation_token.describe('From a dry run of the same call, good for ten minutes.'),
  dry_run: dry_run.describe('Says what would be removed, and gives the token.'),
};

const output = z.object({
  store: z.string().describe('The name it has, or had'),
  order_desk_id: z.string(),
  outcome: z.enum(['removed', 'preview']).describe('preview: nothing was removed'),
  confirmation_token: z.string().optional().describe('For the real call'),
  remarks: remarksOut,
});

const REMARKS = [
  'The stored credential is deleted with the store; to use the store again, the operator adds it anew.',
  'Changes made at the store stay in the ledger for their time, but can no longer be undone from here.',
  'Keys limited to this store lose it. Nothing changes at Order Desk.',
];

export function removeStoreTool(deps: RemoveStoreDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: 'remove_store',
    title: 'Remove a store',
    description:
      'Removes a store and its stored credential from this server; nothing changes at Order Desk. Call it only when the owner wants ' +
      'the store gone: to rename it use update_store, to test its credential use verify_store. Takes two calls: a dry run, which gives a ' +
      'confirmation_token, then the same with the token. Refused while a change at the store has no known outcome. Cannot be undone.',
    toolset: 'admin',
    input: storeArguments(choice, shape),
    output,
    annotations: CHANGES,
    async handler(args, { principal }) {
      const entry = await deps.directory.resolve(principal, args.store);
      const about = { store: clip(entry.name, 200), order_desk_id: entry.orderDeskId, remarks: REMARKS };
      if (args.dry_run) {
        const token = await confirmationOf(deps, principal, entry);
        return { ...about, outcome: 'preview' as const, confirmation_token: token };
      }
      await assertConfirmed(deps, principal, entry, args.confirmation_token);
      await deps.storeAdmin.remove(principal, entry);
      return { ...about, outcome: 'removed' as const };
    },
  });
}

/** A store that is added anew has another row: the token of its forerunner confirms nothing. */
const bindingOf = ({ keyId }: Principal, { rowId }: StoreEntry) => [keyId, 'remove_store', rowId];

function confirmationOf({ sealer, clock }: RemoveStoreDeps, principal: Principal, entry: StoreEntry) {
  const until = String(clock().getTime() + CONFIRMED_WITHIN_MS);
  return sealer.seal(principal.tenantId, 'confirm', bindingOf(principal, entry), until);
}

async function assertConfirmed(
  { sealer, clock }: RemoveStoreDeps,
  principal: Principal,
  entry: StoreEntry,
  token: string | undefined,
): Promise<void> {
  const binding = bindingOf(principal, entry);
  const until =
    token === undefined ? undefined : await sealer.open(principal.tenantId, 'confirm', binding, token);
  if (until !== undefined && Number(until) > clock().getTime()) return;
  throw new AppError(
    'confirmation_required',
    'Removing a store has to be confirmed with the confirmation_token of a dry run. Nothing was removed.',
    {
      field: 'confirmation_token',
      hint: 'Call remove_store with dry_run: true, show its remarks to the owner, then repeat it with the token.',
    },
  );
}
