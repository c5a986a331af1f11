/** What the run gives its test files. */
import type {} from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the server that the run shares, as its superuser. */
    postgresUrl: string;
    /** Of the server that the run shares, without a database number. */
    redisUrl: string;
  }
}
