/** Raises that are not yet known to be done. Too many become one raise of everything: that costs misses, no memory. */
const MOST_OWED = 1_000;

/** Scopes, each with the number of the raise that owes it. */
export type OwedBatch = ReadonlyMap<string, number>;

export class OwedRaises {
  readonly #everything: string;
  readonly #most: number;
  #owed = new Map<string, number>();
  #lastRaise = 0;

  /** @param everything the scope that every entry belongs to */
  constructor(everything: string, most = MOST_OWED) {
    this.#everything = everything;
    this.#most = most;
  }

  get size(): number {
    return this.#owed.size;
  }

  add(scopes: readonly string[]): void {
    this.#lastRaise += 1;
    for (const scope of scopes) this.#owed.set(scope, this.#lastRaise);
    if (this.#owed.size > this.#most) this.#owed = new Map([[this.#everything, this.#lastRaise]]);
  }

  batch(): OwedBatch {
    return new Map(this.#owed);
  }

  /** A scope that was added again after the batch was made is still owed. */
  done(batch: OwedBatch): void {
    for (const [scope, raise] of batch) if (this.#owed.get(scope) === raise) this.#owed.delete(scope);
  }

  clear(): void {
    this.#owed.clear();
  }
}
