import type { Database } from '../../../src/storage/port.js';

/** One way to come by the database; the suite is the same for all. */
export interface DatabaseAdapter {
  readonly name: string;
  /** A migrated, empty database. */
  open(): Promise<OpenedAdapter>;
}

export interface OpenedAdapter {
  /** As the service uses it. */
  readonly database: Database;
  /** As the role that owns the tables and ran the migrations. */
  readonly owner: Pick<Database, 'asSystem'>;
  close(): Promise<void>;
}
