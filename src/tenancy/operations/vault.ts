/** The rings as the operator sees them: what still needs which key, wrapping anew, and letting go of an old key. */
import { z } from 'zod';
import { AppError } from '../../errors.js';
import type { Database, Tx } from '../../storage/port.js';
import type { EventWriter } from '../audit/events.js';
import type { Clock, Kid, RandomBytes } from '../ids.js';
import { toKid } from '../ids.js';
import type { KeyRing } from '../rings/key-ring.js';
import { type RewrapOutcome, rewrapDataKeys } from '../vault/rewrap.js';
import { noInput, operation } from './operation.js';

export interface VaultOperationDeps {
  readonly database: Database;
  readonly record: EventWriter;
  readonly kmsRing: KeyRing;
  readonly peppers: KeyRing;
  readonly now: Clock;
  readonly random: RandomBytes;
}

export interface RingKeyUse {
  readonly ring: 'MCP_KMS_KEY' | 'MCP_KEY_PEPPER';
  readonly id: string;
  /** `missing`: not in the environment of this process, so what needs it cannot be used. */
  readonly state: 'current' | 'old' | 'missing';
  /** Data keys, or API keys that have neither ended nor been revoked. */
  readonly neededBy: number;
}

export interface KeyOnOldPepper {
  readonly kid: Kid;
  readonly name: string;
  readonly pepperId: string;
  readonly lastUsedAt: string | null;
}

export interface VaultStatus {
  readonly rings: readonly RingKeyUse[];
  /** API keys that would be lost with their pepper: they move to the current one when they are next used. At most 100. */
  readonly keysOnOldPeppers: readonly KeyOnOldPepper[];
}

export const rewrapInput = z.strictObject({
  batch: z.int('must be a whole number').min(1, 'must be at least 1').max(5_000).default(500),
});

export const retireInput = z.strictObject({
  id: z
    .string('must be the id of a key of the ring')
    .trim()
    .regex(/^[a-z0-9]{1,16}$/, 'must be 1 to 16 of a-z and 0-9'),
});

export interface Retired {
  readonly id: string;
  /** What the operator does next. */
  readonly next: string;
}

export const vaultOperations = (deps: VaultOperationDeps) => {
  const { database, kmsRing, peppers } = deps;
  const dataKeysByRing = (tx: Tx) => tx.rows(useRow, COUNT_DATA_KEYS);
  const keysByPepper = (tx: Tx) => tx.rows(useRow, COUNT_KEYS, [new Date(deps.now())]);

  return {
    vaultStatus: operation(noInput, async (): Promise<VaultStatus> => {
      const [dataKeys, keys, old] = await database.asSystem('rewrap', async (tx) => [
        await dataKeysByRing(tx),
        await keysByPepper(tx),
        await tx.rows(oldKeyRow, KEYS_ON_OLD_PEPPERS, [peppers.current.id, new Date(deps.now())]),
      ]);
      return {
        rings: [...uses('MCP_KMS_KEY', kmsRing, dataKeys), ...uses('MCP_KEY_PEPPER', peppers, keys)],
        keysOnOldPeppers: old,
      };
    }),

    /** Safe to stop and to repeat. @throws AppError `storage_unavailable` */
    rewrapDataKeys: operation(
      rewrapInput,
      ({ batch }): Promise<RewrapOutcome> => rewrapDataKeys({ ...deps, ring: kmsRing }, batch),
    ),

    /** Takes nothing away: the ring is in the environment. @throws AppError `conflict` while the key is needed */
    retireRingKey: operation(
      retireInput,
      ({ id }): Promise<Retired> =>
        database.asSystem('rewrap', async (tx) => {
          const neededBy = countOf(await dataKeysByRing(tx), id);
          refuseInUse({
            variable: 'MCP_KMS_KEY',
            ring: kmsRing,
            id,
            neededBy:
              neededBy === 0
                ? undefined
                : `${neededBy} data ${plural(neededBy, 'key is', 'keys are')} wrapped by it`,
            remedy: 'Run "orderdesk-mcp vault rewrap" first.',
          });
          await deps.record.ofInstallation(tx, { action: 'ring_key.retired', subject: `ring_key:${id}` });
          return { id, next: removal('MCP_KMS_KEY', id) };
        }),
    ),

    /** Likewise for a pepper. @throws AppError `conflict` while a key that may still be used needs it */
    retirePepper: operation(
      retireInput,
      ({ id }): Promise<Retired> =>
        database.asSystem('rewrap', async (tx) => {
          const neededBy = countOf(await keysByPepper(tx), id);
          refuseInUse({
            variable: 'MCP_KEY_PEPPER',
            ring: peppers,
            id,
            neededBy:
              neededBy === 0
                ? undefined
                : `${neededBy} API ${plural(neededBy, 'key has', 'keys have')} not been used since the pepper was changed`,
            remedy: 'Have them used once, or rotate or revoke them; "orderdesk-mcp vault status" names them.',
          });
          await deps.record.ofInstallation(tx, { action: 'pepper.retired', subject: `pepper:${id}` });
          return { id, next: removal('MCP_KEY_PEPPER', id) };
        }),
    ),
  };
};

/** What the API keys that may still be used need of the pepper ring. @param now milliseconds since the epoch */
export async function pepperUses(database: Database, peppers: KeyRing, now: number): Promise<RingKeyUse[]> {
  const keys = await database.asSystem('rewrap', (tx) => tx.rows(useRow, COUNT_KEYS, [new Date(now)]));
  return uses('MCP_KEY_PEPPER', peppers, keys);
}

const ALIVE = 'revoked_at is null and (expires_at is null or expires_at >';
const COUNT_DATA_KEYS = `select ring_key_id as id, count(*)::integer as n from tenant_data_keys
  group by ring_key_id order by ring_key_id`;
const COUNT_KEYS = `select pepper_id as id, count(*)::integer as n from api_keys
  where ${ALIVE} $1) group by pepper_id order by pepper_id`;
const KEYS_ON_OLD_PEPPERS = `select kid, name, pepper_id, last_used_at from api_keys
  where pepper_id <> $1 and ${ALIVE} $2) order by last_used_at desc nulls last, kid limit 100`;

const useRow = z.object({ id: z.string(), n: z.int() });
type Use = z.output<typeof useRow>;

const oldKeyRow = z
  .object({
    kid: z.string().transform(toKid),
    name: z.string(),
    pepper_id: z.string(),
    last_used_at: z.date().nullable(),
  })
  .transform((row) => ({
    kid: row.kid,
    name: row.name,
    pepperId: row.pepper_id,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  }));

const countOf = (found: readonly Use[], id: string): number => found.find((use) => use.id === id)?.n ?? 0;

function uses(variable: RingKeyUse['ring'], ring: KeyRing, found: readonly Use[]): RingKeyUse[] {
  const missing = found.filter(({ id }) => !ring.byId.has(id)).map(({ id }) => id);
  return [...ring.byId.keys(), ...missing].map((id) => ({
    ring: variable,
    id,
    state: id === ring.current.id ? 'current' : ring.byId.has(id) ? 'old' : 'missing',
    neededBy: countOf(found, id),
  }));
}

function refuseInUse(question: {
  readonly variable: RingKeyUse['ring'];
  readonly ring: KeyRing;
  readonly id: string;
  readonly neededBy: string | undefined;
  readonly remedy: string;
}): void {
  const { variable, ring, id, neededBy, remedy } = question;
  if (id === ring.current.id) {
    throw new AppError('conflict', `id: "${id}" is the current key of ${variable}.`, {
      field: 'id',
      hint: `Put another key in front of it, restart every replica, then try again.`,
    });
  }
  if (neededBy !== undefined) {
    throw new AppError('conflict', `id: "${id}" is still needed: ${neededBy}.`, {
      field: 'id',
      hint: remedy,
    });
  }
  if (!ring.byId.has(id)) {
    throw new AppError('not_found', `id: ${variable} holds no key "${id}", and nothing needs one.`, {
      field: 'id',
      hint: 'List the keys with "orderdesk-mcp vault status".',
    });
  }
}

const removal = (variable: RingKeyUse['ring'], id: string): string =>
  `Remove the entry "${id}:…" from ${variable} on every replica and restart them. ` +
  'Keep the old value for as long as you keep backups from before.';

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many);
