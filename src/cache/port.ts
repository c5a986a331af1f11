/**
 * A bounded store of short-lived bytes that writes can invalidate. An entry may be gone at any time; a cache in
 * trouble is a miss, never an error. Only `redis.ts` may use values of another room: those of `redis/`.
 *
 * Every entry belongs to scopes ("this order", "the orders of this store"), and every scope has a generation: a token
 * that is never used twice. A look-up hands out the generations it saw as a ticket, what was read is stored under that
 * ticket, and an entry counts only while its scopes still have those very generations. A write raises them. So a read
 * that began before a raise can neither be stored nor be found after it, however the two overtake each other. A
 * generation that was forgotten gets a new token: forgetting costs misses and never brings an old entry back.
 *
 * What remains open, each bounded by the life of an entry: a raise that could not reach Redis is carried out before
 * this process uses the cache again, and until then other processes may serve the old entry; it is lost if this
 * process ends first. A Redis that comes back with an older state (a replica that lagged behind, a snapshot) comes
 * back with older generations as well.
 */

/** The generations of the scopes of a look-up. Tickets are equal if no scope was raised between them. */
export type Ticket = string;

export interface Found {
  /** Must not be changed: others may hold the same bytes. */
  readonly value: Buffer | undefined;
  /** `undefined` when the cache is in trouble: nothing can be stored then. */
  readonly ticket: Ticket | undefined;
}

/** `stale_generation`: a scope was raised, or its generation forgotten, since the ticket. */
export type Stored = 'set' | 'stale_generation' | 'too_large' | 'unavailable';

export interface Cache {
  /** Entries held in this process, expired ones included until they are met; 0 where they are elsewhere. */
  readonly items: number;
  /** @param scopes one at least; the same for every look-up and store of this key */
  lookup(key: string, scopes: readonly string[]): Promise<Found>;
  /**
   * @param ticket from a look-up, with the same scopes, that was done before `value` was read at its source
   * @param value must not be changed afterwards
   * @param ttlMs life of the entry in milliseconds, above 0
   */
  store(
    key: string,
    scopes: readonly string[],
    ticket: Ticket,
    value: Buffer,
    ttlMs: number,
  ): Promise<Stored>;
  /** New generations for all these scopes at once. Once it resolves, no look-up that begins finds an older entry. */
  raise(scopes: readonly string[]): Promise<void>;
  close(): Promise<void>;
}
