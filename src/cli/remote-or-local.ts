/**
 * Where an operator's command runs: with an embedded database inside the server that holds it, through its socket; when
 * no server answers there, or the database is Postgres, here. Either way the same operations run on the same database.
 */
import type { LocalOperations } from '../app/local-operations.js';
import { AdminSocketAbsent, callAdminSocket } from '../storage/admin-socket.js';
import type { NamedOperation, Operations } from '../tenancy/operations/index.js';

export type OperationName = keyof Operations;

export interface Whereabouts {
  /** Of a server with an embedded database; `undefined` for a database that everybody reaches. */
  readonly socketPath: string | undefined;
  /** @throws DataDirInUse when a server holds the folder but does not answer, as while it starts */
  readonly openLocal: () => Promise<LocalOperations>;
}

/** @throws AppError of the operation; what opening the database throws */
export async function runOperation(
  { socketPath, openLocal }: Whereabouts,
  name: OperationName,
  input: unknown,
): Promise<unknown> {
  if (socketPath !== undefined) {
    try {
      return await callAdminSocket(socketPath, name, input);
    } catch (thrown) {
      if (!(thrown instanceof AdminSocketAbsent)) throw thrown;
    }
  }
  const local = await openLocal();
  try {
    const operation: NamedOperation = local.operations[name];
    return await operation.run(input);
  } finally {
    await local.close();
  }
}
