/** The ledger as the operator sees it, and the settling of what is unknown. */
import { z } from 'zod';
import type { ChangesForPeople } from '../../changes/operations.js';
import type { ChangeEntry, ChangeLine } from '../../changes/port.js';
import { AppError } from '../../errors.js';
import type { Database } from '../../storage/port.js';
import type { EventWriter } from '../audit/events.js';
import type { StoreRowId, TenantId } from '../ids.js';
import { nameKey, UNPRINTABLE } from '../names.js';
import { findTenant, tenantInput } from './find-tenant.js';
import { operation } from './operation.js';

export interface ChangeOperationDeps {
  readonly database: Database;
  readonly record: EventWriter;
  readonly changes: ChangesForPeople;
}

/** Holds data of customers: for whoever asked, not for a log. */
export interface ChangeInfo {
  readonly id: string;
  readonly at: string;
  readonly store: string | null;
  readonly orderDeskStoreId: string;
  readonly key: string;
  readonly kid: string;
  readonly client: string | null;
  readonly tool: string;
  readonly kind: string;
  readonly state: ChangeEntry['state'];
  readonly outcome: ChangeEntry['outcome'];
  readonly undoable: boolean;
  readonly undoes: string | null;
  readonly undoneBy: string | null;
  /** `null` once they are past their time. */
  readonly lines: readonly ChangeLine[] | null;
}

export interface ChangeInfoPage {
  readonly entries: readonly ChangeInfo[];
  /** To be given as `after` for the next page; `null` behind the last. */
  readonly next: string | null;
}

const text = (means: string) => z.string(`must be ${means}`).trim().min(1, 'must not be empty').max(200);
const changeId = z.uuid('must be the id of a change').transform((id) => id.toLowerCase());

export const listChangesInput = z.strictObject({
  tenant: tenantInput,
  /** A name, or an Order Desk id: also that of a store that was removed. */
  store: text('the name or Order Desk id of a store').optional(),
  order: text('the Order Desk id of an order').optional(),
  /** Name or kid. */
  key: text('the name of a key or its public part').optional(),
  /** A date alone is its midnight in UTC. */
  since: z
    .union([z.iso.datetime({ offset: true }), z.iso.date()], {
      error: 'must be a time such as 2030-01-31T00:00:00Z or a date such as 2030-01-31',
    })
    .optional(),
  state: z
    .enum(['claimed', 'pending', 'applied', 'failed', 'unknown'], {
      error: 'must be claimed, pending, applied, failed or unknown',
    })
    .optional(),
  limit: z
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(100, 'must be at most 100')
    .default(20),
  after: changeId.optional(),
});

const oneChangeInput = z.strictObject({ tenant: tenantInput, change: changeId });

const LONGEST_REASON = 300;

export const settleChangeInput = oneChangeInput.extend({
  outcome: z.enum(['applied', 'failed'], 'must be applied or failed'),
  reason: z
    .string('must be text')
    .trim()
    .normalize('NFC')
    .min(1, 'must say how it was found out')
    .max(LONGEST_REASON, `must have at most ${LONGEST_REASON} characters`)
    .refine((given) => !UNPRINTABLE.test(given), 'must be one line without control or invisible characters'),
});

export const changeOperations = ({ database, record, changes }: ChangeOperationDeps) => ({
  /** Newest first. @throws AppError `not_found` for the tenant, `unknown_store` */
  listChanges: operation(
    listChangesInput,
    async ({ tenant, store, order, key, since, state, limit, after }): Promise<ChangeInfoPage> => {
      const { tenantId } = await findTenant(database, tenant);
      const page = await changes.list(tenantId, {
        storeRowIds: store === undefined ? undefined : await storesNamed(changes, tenantId, store),
        orderId: order,
        key,
        since: since === undefined ? undefined : new Date(since),
        state,
        limit,
        after,
      });
      return {
        entries: page.entries.map(changeInfo),
        next: page.hasMore ? (page.entries.at(-1)?.id ?? null) : null,
      };
    },
  ),

  /** @throws AppError `not_found` for the tenant or the change */
  showChange: operation(oneChangeInput, async ({ tenant, change }): Promise<ChangeInfo> => {
    const { tenantId } = await findTenant(database, tenant);
    return changeInfo(await changes.get(tenantId, change));
  }),

  /** @throws AppError `not_found`, `conflict` where the outcome is known, `in_progress` */
  settleChange: operation(
    settleChangeInput,
    async ({ tenant, change, outcome: as, reason }): Promise<ChangeInfo> => {
      const { tenantId } = await findTenant(database, tenant);
      const settled = await changes.settle(tenantId, change, as, (outcome) =>
        database.asTenant(tenantId, (tx) =>
          record.ofTenant(tx, tenantId, {
            action: 'change.settled',
            subject: `change:${change}`,
            outcome,
            detail: { settled_as: as, reason },
          }),
        ),
      );
      return changeInfo(settled);
    },
  ),
});

/** A store that was removed and added anew is several rows. */
async function storesNamed(
  changes: ChangesForPeople,
  tenantId: TenantId,
  wanted: string,
): Promise<readonly StoreRowId[]> {
  const stores = await changes.storesOf(tenantId);
  const key = nameKey(wanted);
  const named = stores.filter(({ name }) => nameKey(name) === key);
  const found = named.length > 0 ? named : stores.filter(({ orderDeskId }) => orderDeskId === wanted);
  if (found.length > 0) return found.map(({ rowId }) => rowId);
  throw new AppError('unknown_store', 'store: no store of that name or id is in use or in the ledger.', {
    field: 'store',
    hint: 'Name a removed store by its Order Desk id.',
  });
}

const changeInfo = (entry: ChangeEntry): ChangeInfo => ({
  id: entry.id,
  at: entry.at.toISOString(),
  store: entry.store.name,
  orderDeskStoreId: entry.store.orderDeskId,
  key: entry.keyName,
  kid: entry.kid,
  client: entry.client,
  tool: entry.tool,
  kind: entry.kind,
  state: entry.state,
  outcome: entry.outcome,
  undoable: entry.undoable,
  undoes: entry.undoes,
  undoneBy: entry.undoneBy,
  lines: entry.lines,
});
