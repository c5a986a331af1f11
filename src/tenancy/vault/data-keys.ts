/**
 * A tenant's data key: 32 random bytes, stored wrapped by a key of the ring. Wrapping anew costs one row per tenant;
 * deleting the row makes everything the tenant ever sealed unreadable.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../errors.js';
import type { Database } from '../../storage/port.js';
import type { Clock, RandomBytes, TenantId } from '../ids.js';
import { type Joined, LastKnown } from '../last-known.js';
import type { KeyRing, RingKey } from '../rings/key-ring.js';
import { open, seal } from './aead.js';
import { derivePurposeKey, type Purpose } from './purpose-key.js';

export interface WrappedDataKey {
  readonly version: number;
  readonly ringKeyId: string;
  readonly wrapped: Uint8Array;
}

/** Where wrapped data keys are found. */
export interface DataKeyRepository {
  find(tenantId: TenantId): Promise<WrappedDataKey | undefined>;
}

export interface TenantKeysDeps {
  readonly ring: KeyRing;
  readonly dataKeys: DataKeyRepository;
  readonly random: RandomBytes;
  readonly now: Clock;
  /** Milliseconds in which known keys serve while the database is away. */
  readonly staleMaxMs: number;
  /** Runs the wait for a question that another call has put. */
  readonly joined?: Joined;
}

interface UnwrappedKeys {
  readonly dataKey: KeyObject;
  readonly byPurpose: Map<Purpose, KeyObject>;
}

const FIRST_VERSION = 1;
const TENANTS_HELD = 2_000;
/** A destroyed data key is gone from the memory of every replica after this time at the latest. */
const HELD_MS = 60_000;
/** The fixed purposes, today and yesterday leave room; day keys beyond that are dropped with the rest and derived anew. */
const PURPOSES_HELD = 16;

export class TenantKeys {
  readonly #deps: TenantKeysDeps;
  readonly #held: LastKnown<TenantId, UnwrappedKeys>;

  constructor(deps: TenantKeysDeps) {
    this.#deps = deps;
    this.#held = new LastKnown({
      max: TENANTS_HELD,
      freshMs: HELD_MS,
      staleMaxMs: deps.staleMaxMs,
      now: deps.now,
      joined: deps.joined,
    });
  }

  /** A new data key for a new tenant, wrapped by the current ring key. The caller stores it. */
  make(tenantId: TenantId): WrappedDataKey {
    const { ring, random } = this.#deps;
    return wrapDataKey(ring.current, tenantId, FIRST_VERSION, random(32), random);
  }

  /**
   * Must not be called inside a transaction: it may open one.
   * @throws AppError `internal` when the data key is missing or does not open; `storage_unavailable`
   */
  async purposeKey(tenantId: TenantId, purpose: Purpose): Promise<KeyObject> {
    const keys = await this.#held.get(tenantId, () => this.#load(tenantId));
    const known = keys.byPurpose.get(purpose);
    if (known !== undefined) return known;
    if (keys.byPurpose.size >= PURPOSES_HELD) keys.byPurpose.clear();
    const derived = derivePurposeKey(keys.dataKey, purpose);
    keys.byPurpose.set(purpose, derived);
    return derived;
  }

  forget(tenantId: TenantId): void {
    this.#held.forget(tenantId);
  }

  async #load(tenantId: TenantId): Promise<UnwrappedKeys> {
    const row = await this.#deps.dataKeys.find(tenantId);
    if (row === undefined) throw unreadable('the tenant has no data key');
    const opened = unwrapDataKey(this.#deps.ring, tenantId, row);
    if ('problem' in opened) throw unreadable(opened.problem);
    return { dataKey: createSecretKey(opened.bytes), byPurpose: new Map() };
  }
}

export function wrapDataKey(
  ringKey: RingKey,
  tenantId: TenantId,
  version: number,
  bytes: Uint8Array,
  random: RandomBytes,
): WrappedDataKey {
  const wrapped = seal(ringKey.key, context(tenantId, version), bytes, random);
  return { version, ringKeyId: ringKey.id, wrapped };
}

/** @returns the data key, or what is wrong in words for the log and the operator */
export function unwrapDataKey(
  ring: KeyRing,
  tenantId: TenantId,
  row: WrappedDataKey,
): { readonly bytes: Buffer } | { readonly problem: string } {
  const ringKey = ring.byId.get(row.ringKeyId);
  if (ringKey === undefined) return { problem: `MCP_KMS_KEY holds no key "${row.ringKeyId}"` };
  const bytes = open(ringKey.key, context(tenantId, row.version), row.wrapped);
  return bytes === undefined
    ? { problem: `the data key does not open under "${row.ringKeyId}" of MCP_KMS_KEY` }
    : { bytes };
}

/** The one public error for whatever cannot be decrypted; `reason` is for the log. */
export const unreadable = (reason: string): AppError =>
  new AppError('internal', 'A stored secret could not be read.', { cause: new Error(`vault: ${reason}`) });

const context = (tenantId: TenantId, version: number): readonly string[] => [
  'data-key',
  tenantId,
  String(version),
];

export const dataKeyColumns = z.object({
  version: z.int(),
  ring_key_id: z.string(),
  wrapped: z.instanceof(Uint8Array),
});
const dataKeyRow = dataKeyColumns.transform(toWrapped);

export function toWrapped(row: z.output<typeof dataKeyColumns>): WrappedDataKey {
  return { version: row.version, ringKeyId: row.ring_key_id, wrapped: row.wrapped };
}

export const sqlDataKeys = (database: Database): DataKeyRepository => ({
  async find(tenantId) {
    const [row] = await database.asTenant(tenantId, (tx) =>
      tx.rows(dataKeyRow, 'select version, ring_key_id, wrapped from tenant_data_keys where tenant_id = $1', [
        tenantId,
      ]),
    );
    return row;
  },
});
