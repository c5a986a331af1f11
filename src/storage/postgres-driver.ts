/** A pool of `pg` as a driver: one transaction on one connection, and no broken connection back into the pool. */
import pg from 'pg';
import { AppError } from '../errors.js';
import type { Driver, Statements } from './driver.js';
import type { SqlValue } from './port.js';
import type { PostgresTimeouts } from './postgres.js';

const INT8 = pg.types.builtins.INT8;

/** Closing waits no longer than this for servers that do not answer. */
const CLOSE_WITHIN_MS = 3_000;

export function postgresDriver(pool: pg.Pool, timeouts: PostgresTimeouts): Driver {
  // One round trip. SET LOCAL ends with the transaction, as a pooler between needs it.
  const begin = `begin; set local statement_timeout = ${timeouts.statement};
    set local idle_in_transaction_session_timeout = ${timeouts.idleTransaction}`;
  return {
    async transaction(fn) {
      const connection = new Connection(await pool.connect());
      try {
        await connection.script(begin);
        const result = await fn(connection);
        await connection.commit();
        return result;
      } catch (thrown) {
        await connection.rollback();
        throw thrown;
      } finally {
        connection.release();
      }
    },
    async close() {
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, CLOSE_WITHIN_MS);
      });
      await Promise.race([pool.end(), patience]);
      clearTimeout(timer);
    },
  };
}

class Connection implements Statements {
  readonly #client: pg.PoolClient;
  /** Whether the server can still be talked to on this connection. */
  #broken = false;
  readonly #onError = () => {
    this.#broken = true;
  };

  constructor(client: pg.PoolClient) {
    this.#client = client;
    client.on('error', this.#onError);
  }

  async query(text: string, params: readonly SqlValue[]) {
    const result = await this.#send({ text, values: [...params], types: TYPES });
    return { rows: result.rows, count: result.rowCount ?? 0 };
  }

  async script(sql: string): Promise<void> {
    await this.#send({ text: sql });
  }

  /** @throws AppError when the server rolled back instead, because a statement had failed before */
  async commit(): Promise<void> {
    const { command } = await this.#send({ text: 'commit' });
    if (command === 'COMMIT') return;
    throw new AppError('internal', undefined, {
      cause: new Error('A statement failed and its failure was ignored: the transaction was rolled back.'),
    });
  }

  /** Never throws: a connection that cannot roll back is broken, and closing it rolls back. */
  async rollback(): Promise<void> {
    if (this.#broken) return;
    await this.#send({ text: 'rollback' }).catch(() => {
      this.#broken = true;
    });
  }

  release(): void {
    this.#client.off('error', this.#onError);
    this.#client.release(this.#broken);
  }

  async #send(query: pg.QueryConfig): Promise<pg.QueryResult<Record<string, unknown>>> {
    try {
      return await this.#client.query(query);
    } catch (thrown) {
      // Anything but the server's own refusal, a time-out too, leaves open what the server will still send.
      const refused = thrown instanceof pg.DatabaseError && thrown.severity === 'ERROR';
      if (!refused) this.#broken = true;
      throw thrown;
    }
  }
}

/** As the port says, and as the embedded database does it: numeric stays text, an int8 beyond 2^53 is a bigint. */
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? parseInt8 : pg.types.getTypeParser(oid, format),
};

function parseInt8(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}
