import { z } from 'zod';
import { AppError } from '../../errors.js';
import type { EventWriter } from '../audit/events.js';
import { credentialPlace } from '../directory/store-rows.js';
import { type Clock, newId, type RandomBytes, type StoreRowId, type TenantId, toStoreRowId } from '../ids.js';
import { nameInput, nameKey } from '../names.js';
import type { StoreEntry } from '../stores.js';
import { type FindStoreDeps, findStore, oneStoreInput } from './find-store.js';
import { findTenant, tenantInput } from './find-tenant.js';
import { operation } from './operation.js';
import { CLEAR_DEFAULT, recordStore, removeStore, verifyStore } from './store-acts.js';
import { apiKeyInput, replaceCredential, tryCredential } from './store-credential.js';

export interface StoreOperationDeps extends FindStoreDeps {
  readonly record: EventWriter;
  readonly now: Clock;
  readonly random: RandomBytes;
}

export interface StoreInfo {
  readonly storeRowId: StoreRowId;
  readonly name: string;
  readonly orderDeskStoreId: string;
  readonly isDefault: boolean;
  readonly verifiedAt: string | null;
  readonly refusedAt: string | null;
  readonly lastContactAt: string | null;
}

export const addStoreInput = z.strictObject({
  tenant: tenantInput,
  /** Left out, the store takes the name it has in Order Desk. */
  name: nameInput.optional(),
  orderDeskStoreId: z
    .string('must be an Order Desk store id')
    .trim()
    .regex(/^[1-9][0-9]{0,15}$/, 'must be the number that Order Desk shows under Store Settings > API'),
  apiKey: apiKeyInput,
  isDefault: z.boolean('must be true or false').default(false),
});

export const listStoresInput = z.strictObject({ tenant: tenantInput });

export const changeCredentialInput = oneStoreInput.extend({ apiKey: apiKeyInput });

export const storeOperations = (deps: StoreOperationDeps) => {
  async function infoOf(tenantId: TenantId, rowId: StoreRowId): Promise<StoreInfo> {
    const { entries } = await deps.storeRows.current(tenantId);
    const entry = entries.find((candidate) => candidate.rowId === rowId);
    if (entry === undefined) throw new AppError('unknown_store');
    return storeInfo(entry);
  }

  return {
    /**
     * Order Desk is asked first: a credential that it refuses is not stored.
     * @throws AppError `not_found` for the tenant, `conflict`, `upstream_*`
     */
    addStore: operation(addStoreInput, async (input): Promise<StoreInfo> => {
      const { tenantId } = await findTenant(deps.database, input.tenant);
      const verified = await tryCredential(deps, input.orderDeskStoreId, input.apiKey, PAIR_REFUSED);
      const name = input.name ?? usableName(verified.name);
      const rowId = toStoreRowId(newId(deps.now, deps.random));
      const sealed = await deps.vault.encrypt(
        tenantId,
        'vault',
        credentialPlace(rowId),
        input.apiKey.reveal(),
      );
      const at = new Date(deps.now());
      const { orderDeskStoreId, isDefault } = input;
      try {
        await deps.database.asTenant(tenantId, async (tx) => {
          if (isDefault) await tx.run(CLEAR_DEFAULT, [tenantId]);
          const row = [rowId, tenantId, name, nameKey(name), orderDeskStoreId, sealed, isDefault, at];
          await tx.run(INSERT_STORE, row);
          const store = { tenantId, rowId, orderDeskId: orderDeskStoreId };
          await recordStore(deps.record, tx, store, 'store.added');
        });
      } catch (error) {
        if (!(error instanceof AppError && error.code === 'conflict')) throw error;
        const { byOrderDeskId } = await deps.storeRows.current(tenantId);
        throw byOrderDeskId.has(orderDeskStoreId) ? storeThere(orderDeskStoreId, error) : nameTaken(error);
      }
      return infoOf(tenantId, rowId);
    }),

    /** The default first, then by name. @throws AppError `not_found` for the tenant */
    listStores: operation(listStoresInput, async (input): Promise<readonly StoreInfo[]> => {
      const { tenantId } = await findTenant(deps.database, input.tenant);
      const { entries } = await deps.storeRows.current(tenantId);
      return entries.map(storeInfo);
    }),

    /** Asks Order Desk with the stored credential and remembers the answer. @throws AppError `upstream_*` */
    verifyStore: operation(
      oneStoreInput,
      async (input): Promise<StoreInfo> => storeInfo(await verifyStore(deps, await findStore(deps, input))),
    ),

    /**
     * In place of the API key that was stored. Order Desk is asked first: one that it refuses is not stored.
     * @throws AppError `not_found` for the tenant, `unknown_store`, `invalid_argument`, `upstream_*`
     */
    changeCredential: operation(changeCredentialInput, async ({ apiKey, ...input }): Promise<StoreInfo> => {
      const entry = await findStore(deps, input);
      return storeInfo(await replaceCredential(deps, entry, apiKey));
    }),

    /** @throws AppError `not_found` for the tenant, `unknown_store`, `conflict` while a change of it is unfinished */
    removeStore: operation(oneStoreInput, async (input): Promise<StoreInfo> => {
      const entry = await findStore(deps, input);
      await removeStore(deps, entry);
      return storeInfo(entry);
    }),
  };
};

const INSERT_STORE = `insert into stores (store_row_id, tenant_id, name, name_key, orderdesk_store_id, credential,
    is_default, verified_at, last_contact_at, created_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8)`;

const storeInfo = (entry: StoreEntry): StoreInfo => ({
  storeRowId: entry.rowId,
  name: entry.name,
  orderDeskStoreId: entry.orderDeskId,
  isDefault: entry.isDefault,
  verifiedAt: entry.verifiedAt?.toISOString() ?? null,
  refusedAt: entry.refusedAt?.toISOString() ?? null,
  lastContactAt: entry.lastContactAt?.toISOString() ?? null,
});

/** The name that Order Desk tells, where it is fit to be one of ours. */
function usableName(told: string | undefined): string {
  const parsed = nameInput.safeParse(told);
  if (parsed.success) return parsed.data;
  throw new AppError('invalid_argument', 'name: Order Desk tells no usable name for this store; give one.', {
    field: 'name',
  });
}

const PAIR_REFUSED = {
  message: 'Order Desk refused this store id with this API key. Nothing was stored.',
  hint: 'Copy both from Store Settings > API in Order Desk.',
};

const storeThere = (orderDeskStoreId: string, cause: AppError): AppError =>
  new AppError('conflict', 'orderDeskStoreId: the tenant has this store already.', {
    field: 'orderDeskStoreId',
    hint: `To give it a new API key: "orderdesk-mcp store credential ${orderDeskStoreId} --tenant <name>". Its name: "orderdesk-mcp store list".`,
    cause,
  });

const nameTaken = (cause: AppError): AppError =>
  new AppError('conflict', 'name: another store of the tenant has that name.', {
    field: 'name',
    hint: 'List stores with "orderdesk-mcp store list"; choose another name, or remove the old entry first.',
    cause,
  });
