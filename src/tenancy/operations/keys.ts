import { z } from 'zod';
import { AppError } from '../../errors.js';
import type { Database } from '../../storage/port.js';
import type { StoreRows, TenantStores } from '../directory/store-rows.js';
import { type Clock, type Kid, newId, type RandomBytes, toKid, toTenantId } from '../ids.js';
import { makeKey } from '../keys/api-key.js';
import { keyCheck, keyProof } from '../keys/key-digests.js';
import type { KeyHasher } from '../keys/key-hasher.js';
import { scopeJson } from '../keys/scope-json.js';
import { nameInput, nameKey } from '../names.js';
import type { Scope } from '../principal.js';
import type { KeyRing } from '../rings/key-ring.js';
import { findTenant, tenantInput } from './find-tenant.js';
import { operation } from './operation.js';

export interface KeyOperationDeps {
  readonly database: Database;
  readonly storeRows: StoreRows;
  readonly peppers: KeyRing;
  readonly hasher: KeyHasher;
  readonly now: Clock;
  readonly random: RandomBytes;
  /** Told at once, so that this process refuses the key before its next look at the database. */
  readonly onKeyRevoked: (kid: Kid) => void;
}

export interface KeyInfo {
  readonly kid: Kid;
  readonly name: string;
  readonly role: 'owner' | 'agent';
  /** Names of the stores the key may use; `null` where a newer release has written a scope that this one cannot read. */
  readonly stores: 'all' | readonly string[] | null;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  /** To the minute. */
  readonly lastUsedAt: string | null;
  readonly createdAt: string;
}

export const createKeyInput = z
  .strictObject({
    tenant: tenantInput,
    name: nameInput,
    role: z.enum(['owner', 'agent'], 'must be owner or agent'),
    /** Names or Order Desk ids; left out for all stores, also those added later. */
    stores: z.array(z.string('must be a name or id').trim().min(1, 'must not be empty')).min(1).optional(),
    expiresAt: z.iso
      .datetime({ offset: true, error: 'must be a time such as 2030-01-31T00:00:00Z' })
      .optional(),
  })
  .refine((input) => input.role !== 'owner' || input.stores === undefined, {
    path: ['stores'],
    error: 'an owner key sees every store of its tenant; make an agent key to limit it to stores',
  });

export const listKeysInput = z.strictObject({ tenant: tenantInput });

export const revokeKeyInput = z.strictObject({
  kid: z
    .string('must be the public part of a key')
    .trim()
    .regex(/^[0-9A-Za-z]{10}$/, 'must be the 10 characters after "odm_", not the whole key')
    .transform(toKid),
});

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
    const scope: Scope = { stores: input.stores?.map((store) => rowIdOf(store, stores)) ?? 'all' };
    const { kid, key } = makeKey(deps.random);
    const { id: pepperId, key: pepper } = deps.peppers.current;
    const hash = await deps.hasher.hash(keyProof(pepper, key.reveal()));
    await deps.database.asTenant(tenantId, (tx) =>
      tx.run(INSERT_KEY, [
        newId(deps.now, deps.random),
        tenantId,
        kid,
        input.name,
        input.role,
        JSON.stringify(scope),
        keyCheck(pepper, key.reveal()),
        hash,
        pepperId,
        expiresAt,
        new Date(now),
      ]),
    );
    return {
      kid,
      key: key.reveal(),
      name: input.name,
      role: input.role,
      stores: storeNames(scope, stores),
      expiresAt: expiresAt?.toISOString() ?? null,
      revokedAt: null,
      lastUsedAt: null,
      createdAt: new Date(now).toISOString(),
    };
  }),

  /** Every key of the tenant that was ever made, newest last. @throws AppError `not_found` */
  listKeys: operation(listKeysInput, async (input): Promise<readonly KeyInfo[]> => {
    const { tenantId } = await findTenant(deps.database, input.tenant);
    const stores = await deps.storeRows.current(tenantId);
    const rows = await deps.database.asTenant(tenantId, (tx) => tx.rows(keyRow, LIST_KEYS, [tenantId]));
    return rows.map(({ scope, ...row }) => ({ ...row, stores: scope && storeNames(scope, stores) }));
  }),

  /** Revoking again changes nothing. @throws AppError `not_found` */
  revokeKey: operation(revokeKeyInput, async ({ kid }): Promise<{ kid: Kid; revokedAt: string }> => {
    const [owner] = await deps.database.asSystem('operate', (tx) =>
      tx.rows(ownerRow, 'select tenant_id from api_keys where kid = $1', [kid]),
    );
    if (owner === undefined) throw unknownKey();
    const [revoked] = await deps.database.asTenant(owner.tenant_id, (tx) =>
      tx.rows(revokedRow, REVOKE_KEY, [new Date(deps.now()), owner.tenant_id, kid]),
    );
    if (revoked === undefined) throw unknownKey();
    deps.onKeyRevoked(kid);
    return { kid, revokedAt: revoked.revoked_at.toISOString() };
  }),
});

const INSERT_KEY = `insert into api_keys
    (key_id, tenant_id, kid, name, role, scope, check_tag, hash, pepper_id, expires_at, created_at)
  values ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $10, $11)`;
const LIST_KEYS = `select kid, name, role, scope, expires_at, revoked_at, last_used_at, created_at
  from api_keys where tenant_id = $1 order by created_at, kid`;
const REVOKE_KEY = `update api_keys set revoked_at = coalesce(revoked_at, $1)
  where tenant_id = $2 and kid = $3 returning revoked_at`;

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
    createdAt: row.created_at,
  }));
const ownerRow = z.object({ tenant_id: z.string().transform(toTenantId) });
const revokedRow = z.object({ revoked_at: z.date() });

function rowIdOf(requested: string, stores: TenantStores) {
  const entry = stores.byNameKey.get(nameKey(requested)) ?? stores.byOrderDeskId.get(requested);
  if (entry !== undefined) return entry.rowId;
  throw new AppError('unknown_store', 'stores: the tenant has no store of that name or id.', {
    field: 'stores',
    hint: 'List stores with "orderdesk-mcp store list".',
  });
}

function storeNames(scope: Scope, stores: TenantStores): 'all' | readonly string[] {
  const { stores: allowed } = scope;
  if (allowed === 'all') return 'all';
  return stores.entries.filter((entry) => allowed.includes(entry.rowId)).map((entry) => entry.name);
}

const pastExpiry = (): AppError =>
  new AppError('invalid_argument', 'expiresAt: must lie in the future.', { field: 'expiresAt' });

const unknownKey = (): AppError =>
  new AppError('not_found', 'kid: there is no such key.', {
    field: 'kid',
    hint: 'List keys with "orderdesk-mcp key list".',
  });
