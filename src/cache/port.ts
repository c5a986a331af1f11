/** A bounded store of short-lived strings. An entry may be gone at any time; a failing cache is a miss, never an error. */
export interface Cache {
  get(key: string): Promise<string | undefined>;
  /** @param ttlMs life of the entry in milliseconds, above 0 */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  close(): Promise<void>;
}
