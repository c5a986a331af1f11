/**
 * Where an operator's command runs: inside the server that holds the data folder, through its socket; or here, when
 * no server runs. Either way the same operations run on the same database.
 */
import { AdminSocketAbsent, callAdminSocket } from '../storage/admin-socket.js';
import { DataDirInUse } from '../storage/data-dir-lock.js';
import type { NamedOperation, Operations } from '../tenancy/operations/index.js';

export type OperationName = keyof Operations;

export interface LocalOperations {
  readonly operations: Operations;
  close(): Promise<void>;
}

export interface Whereabouts {
  readonly socketPath: string;
  /** @throws DataDirInUse when a server runs on the folder */
  readonly openLocal: () => Promise<LocalOperations>;
}

/** @throws AppError of the operation; DataDirInUse when the folder is held but nobody answers */
export async function runOperation(
  { socketPath, openLocal }: Whereabouts,
  name: OperationName,
  input: unknown,
): Promise<unknown> {
  let local: LocalOperations;
  try {
    local = await openLocal();
  } catch (held) {
    if (!(held instanceof DataDirInUse)) throw held;
    return askServer(socketPath, name, input, held);
  }
  try {
    const operation: NamedOperation = local.operations[name];
    return await operation.run(input);
  } finally {
    await local.close();
  }
}

async function askServer(
  socketPath: string,
  name: OperationName,
  input: unknown,
  held: DataDirInUse,
): Promise<unknown> {
  try {
    return await callAdminSocket(socketPath, name, input);
  } catch (thrown) {
    if (thrown instanceof AdminSocketAbsent) throw held;
    throw thrown;
  }
}
