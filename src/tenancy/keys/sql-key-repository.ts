/** Keys in the database, by the system job `authenticate`, which may read keys and write their hash and last use. */
import { z } from 'zod';
import type { Database } from '../../storage/port.js';
import { type TenantId, toKeyId, toKid, toTenantId } from '../ids.js';
import type { KeyRepository, KeyState } from './key-repository.js';
import { scopeJson } from './scope-json.js';
import { tenantLimitsReader } from './tenant-limits.js';

const stateColumns = z.object({
  kid: z.string().transform(toKid),
  key_id: z.string().transform(toKeyId),
  tenant_id: z.string().transform(toTenantId),
  name: z.string(),
  role: z.enum(['owner', 'agent']),
  // One unreadable scope must not stop the states of all other keys.
  scope: scopeJson.nullable().catch(null),
  expires_at: z.date().nullable(),
  revoked_at: z.date().nullable(),
  tenant_status: z.string(),
  tenant_limits: z.unknown(),
});

type ReadLimits = ReturnType<typeof tenantLimitsReader>;

const toState = (row: z.output<typeof stateColumns>, readLimits: ReadLimits): KeyState => ({
  kid: row.kid,
  keyId: row.key_id,
  tenantId: row.tenant_id,
  name: row.name,
  role: row.role,
  scope: row.scope,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  tenantActive: row.tenant_status === 'active',
  limits: readLimits(row.tenant_id, row.tenant_limits),
});

const stateRow = (readLimits: ReadLimits) => stateColumns.transform((row) => toState(row, readLimits));

const recordRow = (readLimits: ReadLimits) =>
  stateColumns
    .extend({ check_tag: z.instanceof(Uint8Array), hash: z.string(), pepper_id: z.string() })
    .transform((row) => ({
      ...toState(row, readLimits),
      check: row.check_tag,
      hash: row.hash,
      pepperId: row.pepper_id,
    }));

const STATE_COLUMNS = `k.kid, k.key_id, k.tenant_id, k.name, k.role, k.scope, k.expires_at, k.revoked_at,
  t.status as tenant_status, t.limits as tenant_limits`;
const FROM_KEYS = 'from api_keys k join tenants t on t.tenant_id = k.tenant_id';

const FIND = `select ${STATE_COLUMNS}, k.check_tag, k.hash, k.pepper_id ${FROM_KEYS} where k.kid = $1`;
const STATES = `select ${STATE_COLUMNS} ${FROM_KEYS} where k.kid = any($1::text[])`;
const REHASH = `update api_keys set hash = $1, pepper_id = $2, check_tag = $3 where kid = $4 and hash = $5`;
// Replicas write the same rows: a row that another one holds is skipped, since that one is writing the same minute.
const RECORD_USE = `with used as (
    select k.kid, u.at::timestamptz as at
    from api_keys k join unnest($1::text[], $2::text[]) as u(kid, at) on u.kid = k.kid
    where k.last_used_at is null or k.last_used_at < u.at::timestamptz
    for update of k skip locked
  )
  update api_keys k set last_used_at = used.at from used where k.kid = used.kid`;

/** @param onUnreadableLimits told of a tenant whose stored limits cannot be read, now and then */
export function sqlKeyRepository(
  database: Database,
  onUnreadableLimits: (tenantId: TenantId) => void = () => {},
): KeyRepository {
  const readLimits = tenantLimitsReader(onUnreadableLimits);
  const record = recordRow(readLimits);
  const state = stateRow(readLimits);
  return {
    async find(kid) {
      const [found] = await database.asSystem('authenticate', (tx) => tx.rows(record, FIND, [kid]));
      return found;
    },
    async states(kids) {
      return database.asSystem('authenticate', (tx) => tx.rows(state, STATES, [kids]));
    },
    async rehash(kid, replaced, next) {
      await database.asSystem('authenticate', (tx) =>
        tx.run(REHASH, [next.hash, next.pepperId, next.check, kid, replaced]),
      );
    },
    async recordUse(uses) {
      const times = [...uses.values()].map((at) => at.toISOString());
      await database.asSystem('authenticate', (tx) => tx.run(RECORD_USE, [[...uses.keys()], times]));
    },
  };
}
