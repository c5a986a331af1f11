/** What becomes of a key after it was made: another takes its place, its name or its end changes. */
import { z } from 'zod';
import { AppError } from '../../errors.js';
import type { Database, Tx } from '../../storage/port.js';
import type { EventWriter } from '../audit/events.js';
import { type Clock, type Kid, newId, type RandomBytes, type TenantId, toKid, toTenantId } from '../ids.js';
import { makeKey } from '../keys/api-key.js';
import { keyCheck, keyProof } from '../keys/key-digests.js';
import type { KeyHasher } from '../keys/key-hasher.js';
import { nameInput } from '../names.js';
import type { KeyRing } from '../rings/key-ring.js';
import { operation } from './operation.js';
import { overlapInput } from './overlap.js';

export interface KeyLifeDeps {
  readonly database: Database;
  readonly record: EventWriter;
  readonly peppers: KeyRing;
  readonly hasher: KeyHasher;
  readonly now: Clock;
  readonly random: RandomBytes;
  /** Told at once, so that this process refuses the key before its next look at the database. */
  readonly onKeyRevoked: (kid: Kid) => void;
  /** Brings what this process knows of keys up to date, after anything but a revocation. */
  readonly refreshKeys: () => Promise<void>;
}

const kidInput = z
  .string('must be the public part of a key')
  .trim()
  .regex(/^[0-9A-Za-z]{10}$/, 'must be the 10 characters after "odm_", not the whole key')
  .transform(toKid);

export const revokeKeyInput = z.strictObject({ kid: kidInput });
export const renameKeyInput = z.strictObject({ kid: kidInput, name: nameInput });
export const expireKeyInput = z.strictObject({
  kid: kidInput,
  at: z.iso.datetime({ offset: true, error: 'must be a time such as 2030-01-31T00:00:00Z' }),
});
export const rotateKeyInput = z.strictObject({ kid: kidInput, overlap: overlapInput });

export interface RotatedKey {
  readonly kid: Kid;
  /** The one time that the whole key is to be had. */
  readonly key: string;
  readonly name: string;
  readonly role: string;
  readonly expiresAt: string | null;
  readonly replaces: Kid;
  /** When the old key ends. */
  readonly replacedExpiresAt: string;
}

export const keyLifeOperations = (deps: KeyLifeDeps) => {
  /** One change of one key and its event, in one transaction. */
  async function change<T>(kid: Kid, fn: (tx: Tx, key: FoundKey) => Promise<T>): Promise<T> {
    const tenantId = await tenantOf(deps.database, kid);
    return deps.database.asTenant(tenantId, async (tx) => {
      const [row] = await tx.rows(foundKey, LOCK_KEY, [tenantId, kid]);
      if (row === undefined) throw unknownKey();
      return fn(tx, { ...row, tenantId });
    });
  }

  return {
    /**
     * A new key of the same role, scope, name and end; the old one ends after the overlap, or when it would have
     * ended anyway.
     * @throws AppError `not_found`, `conflict` for a key that is at its end or was replaced already, `overloaded`
     */
    rotateKey: operation(rotateKeyInput, async ({ kid, overlap }): Promise<RotatedKey> => {
      const made = makeKey(deps.random);
      const { id: pepperId, key: pepper } = deps.peppers.current;
      const hash = await deps.hasher.hash(keyProof(pepper, made.key.reveal()));
      const rotated = await change(kid, async (tx, old) => {
        const now = deps.now();
        refuseDead(old, now);
        if (old.replacedBy !== null) throw alreadyReplaced(old.replacedBy);
        const end = new Date(Math.min(now + overlap, old.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY));
        await tx.run(INSERT_SUCCESSOR, [
          newId(deps.now, deps.random),
          made.kid,
          keyCheck(pepper, made.key.reveal()),
          hash,
          pepperId,
          new Date(now),
          old.tenantId,
          kid,
        ]);
        await tx.run(MARK_REPLACED, [end, made.kid, old.tenantId, kid]);
        const detail = { replaced_by: made.kid, expires_at: end.toISOString() };
        await deps.record.ofTenant(tx, old.tenantId, {
          action: 'key.rotated',
          subject: `key:${kid}`,
          detail,
        });
        await deps.record.ofTenant(tx, old.tenantId, {
          action: 'key.created',
          subject: `key:${made.kid}`,
          detail: { replaces: kid },
        });
        return {
          name: old.name,
          role: old.role,
          expiresAt: old.expiresAt?.toISOString() ?? null,
          replaces: kid,
          replacedExpiresAt: end.toISOString(),
        };
      });
      await deps.refreshKeys();
      return { kid: made.kid, key: made.key.reveal(), ...rotated };
    }),

    /** @throws AppError `not_found` */
    renameKey: operation(renameKeyInput, async ({ kid, name }): Promise<{ kid: Kid; name: string }> => {
      await change(kid, async (tx, key) => {
        await tx.run('update api_keys set name = $1 where tenant_id = $2 and kid = $3', [
          name,
          key.tenantId,
          kid,
        ]);
        await deps.record.ofTenant(tx, key.tenantId, { action: 'key.renamed', subject: `key:${kid}` });
      });
      await deps.refreshKeys();
      return { kid, name };
    }),

    /**
     * Sets the end of a key, sooner or later than it was. What has ended stays ended.
     * @throws AppError `invalid_argument` for a time that has passed, `not_found`, `conflict`
     */
    expireKey: operation(expireKeyInput, async ({ kid, at }): Promise<{ kid: Kid; expiresAt: string }> => {
      const end = new Date(at);
      const expiresAt = end.toISOString();
      await change(kid, async (tx, key) => {
        const now = deps.now();
        refuseDead(key, now);
        if (end.getTime() <= now) throw pastEnd();
        await tx.run('update api_keys set expires_at = $1 where tenant_id = $2 and kid = $3', [
          end,
          key.tenantId,
          kid,
        ]);
        const detail = { expires_at: expiresAt, before: key.expiresAt?.toISOString() ?? null };
        await deps.record.ofTenant(tx, key.tenantId, {
          action: 'key.expiry_changed',
          subject: `key:${kid}`,
          detail,
        });
      });
      await deps.refreshKeys();
      return { kid, expiresAt };
    }),

    /** Revoking again changes nothing. @throws AppError `not_found` */
    revokeKey: operation(revokeKeyInput, async ({ kid }): Promise<{ kid: Kid; revokedAt: string }> => {
      const revokedAt = await change(kid, async (tx, key) => {
        if (key.revokedAt !== null) return key.revokedAt;
        const now = new Date(deps.now());
        await tx.run('update api_keys set revoked_at = $1 where tenant_id = $2 and kid = $3', [
          now,
          key.tenantId,
          kid,
        ]);
        await deps.record.ofTenant(tx, key.tenantId, { action: 'key.revoked', subject: `key:${kid}` });
        return now;
      });
      deps.onKeyRevoked(kid);
      return { kid, revokedAt: revokedAt.toISOString() };
    }),
  };
};

const LOCK_KEY = `select name, role, expires_at, revoked_at, replaced_by from api_keys
  where tenant_id = $1 and kid = $2 for update`;
// The scope is copied as it is stored: one that a newer release wrote is neither read nor lost.
const INSERT_SUCCESSOR = `insert into api_keys
    (key_id, tenant_id, kid, name, role, scope, check_tag, hash, pepper_id, expires_at, created_at)
  select $1, tenant_id, $2, name, role, scope, $3, $4, $5, expires_at, $6
  from api_keys where tenant_id = $7 and kid = $8`;
const MARK_REPLACED = `update api_keys set expires_at = $1, replaced_by = $2 where tenant_id = $3 and kid = $4`;

const foundKey = z
  .object({
    name: z.string(),
    role: z.string(),
    expires_at: z.date().nullable(),
    revoked_at: z.date().nullable(),
    replaced_by: z.string().nullable(),
  })
  .transform((row) => ({
    name: row.name,
    role: row.role,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    replacedBy: row.replaced_by,
  }));
type FoundKey = z.output<typeof foundKey> & { readonly tenantId: TenantId };

const ownerRow = z.object({ tenant_id: z.string().transform(toTenantId) });

async function tenantOf(database: Database, kid: Kid): Promise<TenantId> {
  const [owner] = await database.asSystem('operate', (tx) =>
    tx.rows(ownerRow, 'select tenant_id from api_keys where kid = $1', [kid]),
  );
  if (owner === undefined) throw unknownKey();
  return owner.tenant_id;
}

function refuseDead(key: FoundKey, now: number): void {
  const how = key.revokedAt !== null ? 'is revoked' : isPast(key.expiresAt, now) ? 'has expired' : undefined;
  if (how === undefined) return;
  throw new AppError('conflict', `kid: the key ${how}.`, {
    field: 'kid',
    hint: 'Make a new one with "orderdesk-mcp key create".',
  });
}

const isPast = (time: Date | null, now: number): boolean => time !== null && time.getTime() <= now;

const unknownKey = (): AppError =>
  new AppError('not_found', 'kid: there is no such key.', {
    field: 'kid',
    hint: 'List keys with "orderdesk-mcp key list".',
  });

const alreadyReplaced = (by: string): AppError =>
  new AppError('conflict', `kid: the key was replaced by ${by} already.`, {
    field: 'kid',
    hint: `Rotate ${by} if its text was lost.`,
  });

const pastEnd = (): AppError =>
  new AppError('invalid_argument', 'at: must lie in the future.', {
    field: 'at',
    hint: 'To end a key now, use "orderdesk-mcp key revoke".',
  });
