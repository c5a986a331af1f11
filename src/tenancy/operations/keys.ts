import { z } from 'zod';
import { AppError } from '../../errors.js';
import type { Database } from '../../storage/port.js';
import type { EventWriter } from '../audit/events.js';
import type { StoreRows, TenantStores } from '../directory/store-rows.js';
import { type Clock, type Kid, newId, type RandomBytes, toKid } from '../ids.js';
import { makeKey } from '../keys/api-key.js';
import { keyCheck, keyProof } from '../keys/key-digests.js';
import type { KeyHasher } from '../keys/key-hasher.js';
import { scopeJson, scopeText } from '../keys/scope-json.js';
import { nameInput, nameKey } from '../names.js';
import type { Principal, Scope } from '../principal.js';
import type { KeyRing } from '../rings/key-ring.js';
import { type ToolNames, toolScope, toolScopeInput, toolsetsOf } from '../scopes/scope-input.js';
import { findTenant, tenantInput } from './find-tenant.js';
import { operation } from './operation.js';

export interface KeyOperationDeps {
  readonly database: Database;
  readonly record: EventWriter;
  readonly storeRows: StoreRows;
  readonly peppers: KeyRing;
  readonly hasher: KeyHasher;
  readonly toolNames: ToolNames;
  readonly now: Clock;
  readonly random: RandomBytes;
}

export interface KeyInfo {
  readonly kid: Kid;
  readonly name: string;
  readonly role: 'owner' | 'agent';
  /** Names of the stores the key may use; `null` where a newer release has written a scope that this one cannot read. */
  readonly stores: 'all' | readonly string[] | null;
  /** Of what is allowed, `null` likewise. */
  readonly toolsets: readonly string[] | null;
  /** Names of tools or toolsets, `null` likewise. */
  readonly exclude: readonly string[] | null;
  readonly readOnly: boolean | null;
  /** Whether answers name no customers, `null` likewise. */
  readonly mask: boolean | null;
  /** Effects at Order Desk per UTC day at most, `null` likewise. */
  readonly dailyWriteCap: number | 'none' | null;
  /** `moves` and `deletes`, where only the token of a dry run lets the key do them; `null` likewise. */
  readonly confirm: readonly string[] | null;
  /** Calls with more lines need such a token too, `null` likewise. */
  readonly confirmBatchesAbove: number | 'none' | null;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  /** To the minute. */
  readonly lastUsedAt: string | null;
  /** The key that a rotation made in its place. */
  readonly replacedBy: Kid | null;
  readonly createdAt: string;
}

export const createKeyInput = z
  .strictObject({
    tenant: tenantInput,
    name: nameInput,
    role: z.enum(['owner', 'agent'], 'must be owner or agent'),
    /** Names or Order Desk ids; left out for all stores, also those added later. */
    stores: z.array(z.string('must be a name or id').trim().min(1, 'must not be empty')).min(1).optional(),
    ...toolScopeInput.shape,
    expiresAt: z.iso
      .datetime({ offset: true, error: 'must be a time such as 2030-01-31T00:00:00Z' })
      .optional(),
  })
  .refine((input) => input.role !== 'owner' || input.stores === undefined, {
    path: ['stores'],
    error: 'an owner key sees every store of its tenant; make an agent key to limit it to stores',
  })
  .refine((input) => input.role !== 'owner' || !input.mask, {
    path: ['mask'],
    error: 'an owner key sees the customers of its tenant; make an agent key to mask them',
  })
  .refine((input) => input.role !== 'owner' || input.dailyWriteCap === undefined, {
    path: ['dailyWriteCap'],
    error: 'an owner key has no daily cap; make an agent key to cap its writes',
  });

export const listKeysInput = z.strictObject({ tenant: tenantInput });

export const keyOperations = (deps: KeyOperationDeps) => ({
  /**
   * The one time that the whole key is to be had.
   * @throws AppError `not_found` for the tenant, `unknown_store`, `overloaded`
   */
  createKey: operation(createKeyInput, async (input): Promise<KeyInfo & { readonly key: string }> => {
    const now = deps.now();
    const expiresAt = input.expiresAt === undefined ? null : new Date(input.expiresAt);
    if (expiresAt !== null && expiresAt.getTime() <= now) throw pastExpiry();
    const { tenantId } = await findTenant(deps.database, input.tenant);
    const stores = await deps.storeRows.current(tenantId);
    const scope: Scope = {
      stores: input.stores === undefined ? 'all' : rowIdsOf(input.stores, stores),
      ...toolScope(input, input.role, deps.toolNames),
    };
    const { kid, key } = makeKey(deps.random);
    const { id: pepperId, key: pepper } = deps.peppers.current;
    const hash = await deps.hasher.hash(keyProof(pepper, key.reveal()));
    await deps.database.asTenant(tenantId, async (tx) => {
      await tx.run(INSERT_KEY, [
        newId(deps.now, deps.random),
        tenantId,
        kid,
        input.name,
        input.role,
        scopeText(scope),
        keyCheck(pepper, key.reveal()),
        hash,
        pepperId,
        expiresAt,
        new Date(now),
      ]);
      const detail = { role: input.role, expires_at: expiresAt?.toISOString() ?? null };
      await deps.record.ofTenant(tx, tenantId, { action: 'key.created', subject: `key:${kid}`, detail });
    });
    return {
      kid,
      key: key.reveal(),
      name: input.name,
      role: input.role,
      ...scopeInfo(scope, input.role, stores, deps.toolNames),
      expiresAt: expiresAt?.toISOString() ?? null,
      revokedAt: null,
      lastUsedAt: null,
      replacedBy: null,
      createdAt: new Date(now).toISOString(),
    };
  }),

  /** Every key of the tenant that was ever made, newest last. @throws AppError `not_found` */
  listKeys: operation(listKeysInput, async (input): Promise<readonly KeyInfo[]> => {
    const { tenantId } = await findTenant(deps.database, input.tenant);
    const stores = await deps.storeRows.current(tenantId);
    const rows = await deps.database.asTenant(tenantId, (tx) => tx.rows(keyRow, LIST_KEYS, [tenantId]));
    return rows.map(({ scope, ...row }) => ({
      ...row,
      ...scopeInfo(scope, row.role, stores, deps.toolNames),
    }));
  }),
});

const INSERT_KEY = `insert into api_keys
    (key_id, tenant_id, kid, name, role, scope, check_tag, hash, pepper_id, expires_at, created_at)
  values ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $10, $11)`;
const LIST_KEYS = `select kid, name, role, scope, expires_at, revoked_at, last_used_at, replaced_by, created_at
  from api_keys where tenant_id = $1 order by created_at, kid`;

const isoTime = z.date().transform((at) => at.toISOString());

const keyRow = z
  .object({
    kid: z.string().transform(toKid),
    name: z.string(),
    role: z.enum(['owner', 'agent']),
    scope: scopeJson.nullable().catch(null),
    expires_at: isoTime.nullable(),
    revoked_at: isoTime.nullable(),
    last_used_at: isoTime.nullable(),
    replaced_by: z.string().transform(toKid).nullable(),
    created_at: isoTime,
  })
  .transform((row) => ({
    kid: row.kid,
    name: row.name,
    role: row.role,
    scope: row.scope,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
    replacedBy: row.replaced_by,
    createdAt: row.created_at,
  }));

/** One store that was named twice is one: a key of exactly one store is bound to it. */
const rowIdsOf = (requested: readonly string[], stores: TenantStores) => [
  ...new Set(requested.map((store) => rowIdOf(store, stores))),
];

function rowIdOf(requested: string, stores: TenantStores) {
  const entry = stores.byNameKey.get(nameKey(requested)) ?? stores.byOrderDeskId.get(requested);
  if (entry !== undefined) return entry.rowId;
  throw new AppError('unknown_store', 'stores: the tenant has no store of that name or id.', {
    field: 'stores',
    hint: 'List stores with "orderdesk-mcp store list".',
  });
}

const UNREADABLE = {
  stores: null,
  toolsets: null,
  exclude: null,
  readOnly: null,
  mask: null,
  dailyWriteCap: null,
  confirm: null,
  confirmBatchesAbove: null,
};

const scopeInfo = (
  scope: Scope | null,
  role: Principal['role'],
  stores: TenantStores,
  names: ToolNames,
): Pick<KeyInfo, keyof typeof UNREADABLE> =>
  scope === null
    ? UNREADABLE
    : {
        stores: storeNames(scope, stores),
        toolsets: toolsetsOf(scope, role, names),
        exclude: scope.exclude,
        readOnly: scope.readOnly,
        mask: scope.mask,
        dailyWriteCap: scope.dailyWriteCap ?? 'none',
        confirm: (['moves', 'deletes'] as const).filter((what) => scope.confirm[what]),
        confirmBatchesAbove: scope.confirm.batchesAbove ?? 'none',
      };

function storeNames(scope: Scope, stores: TenantStores): 'all' | readonly string[] {
  const { stores: allowed } = scope;
  if (allowed === 'all') return 'all';
  return stores.entries.filter((entry) => allowed.includes(entry.rowId)).map((entry) => entry.name);
}

const pastExpiry = (): AppError =>
  new AppError('invalid_argument', 'expiresAt: must lie in the future.', { field: 'expiresAt' });
