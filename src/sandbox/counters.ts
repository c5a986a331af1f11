/** What the sandbox saw, for tests and for people. */
export interface Counters {
  /** By method and path pattern, e.g. `GET /orders/{id}`; paths that the API does not have are `(unknown)`. */
  readonly requests: Readonly<Record<string, number>>;
  readonly total: number;
  /** How often 429 was answered because the bucket was empty. */
  readonly rateLimited: number;
}

export interface Counting {
  request(method: string, pattern: string): void;
  rateLimited(): void;
  read(): Counters;
  reset(): void;
}

export function createCounting(): Counting {
  const requests = new Map<string, number>();
  let rateLimited = 0;
  return {
    request(method, pattern) {
      const key = `${method} ${pattern}`;
      requests.set(key, (requests.get(key) ?? 0) + 1);
    },
    rateLimited() {
      rateLimited += 1;
    },
    read: () => ({
      requests: Object.fromEntries(requests),
      total: [...requests.values()].reduce((sum, count) => sum + count, 0),
      rateLimited,
    }),
    reset() {
      requests.clear();
      rateLimited = 0;
    },
  };
}
