import { z } from 'zod';
import { AppError } from '../../errors.js';
import type { EventWriter } from '../audit/events.js';
import { credentialPlace } from '../directory/store-rows.js';
import { type Clock, newId, type RandomBytes, type StoreRowId, type TenantId, toStoreRowId } from '../ids.js';
import { nameInput, nameKey } from '../names.js';
import { Secret } from '../secret.js';
import type { StoreEntry } from '../stores.js';
import { type FindStoreDeps, findStore, oneStoreInput } from './find-store.js';
import { findTenant, tenantInput } from './find-tenant.js';
import { operation } from './operation.js';
import { CLEAR_DEFAULT, isRefusal, recordStore, removeStore, verifyStore } from './store-acts.js';

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

const apiKeyText = z
  .string('must be an Order Desk API key')
  .trim()
  .regex(/^[\x21-\x7e]{1,256}$/, 'must be 1 to 256 printable characters without spaces')
  .transform((text) => new Secret(text));

export const addStoreInput = z.strictObject({
  tenant: tenantInput,
  /** Left out, the store takes the name it has in Order Desk. */
  name: nameInput.optional(),
  orderDeskStoreId: z
    .string('must be an Order Desk store id')
    .trim()
    .regex(/^[1-9][0-9]{0,15}$/, 'must be the number that Order Desk shows under Store Settings > API'),
  /** Text when it comes through the socket; it never leaves again. */
  apiKey: z.union([z.instanceof(Secret), apiKeyText], {
    error: 'must be an Order Desk API key without spaces',
  }),
  isDefault: z.boolean('must be true or false').default(false),
});

export const listStoresInput = z.strictObject({ tenant: tenantInput });

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
      const verified = await refusalExplained(() =>
        deps.verifyCredential(input.orderDeskStoreId, input.apiKey),
      );
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
        throw error instanceof AppError && error.code === 'conflict' ? storeTaken(error) : error;
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

async function refusalExplained<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new AppError(
      error.code,
      'Order Desk refused this store id with this API key. Nothing was stored.',
      {
        field: 'apiKey',
        hint: 'Copy both from Store Settings > API in Order Desk.',
        cause: error,
      },
    );
  }
}

const storeTaken = (cause: AppError): AppError =>
  new AppError('conflict', 'The tenant has a store of that name or with that Order Desk id already.', {
    field: 'name',
    hint: 'List stores with "orderdesk-mcp store list"; choose another name, or remove the old entry first.',
    cause,
  });
