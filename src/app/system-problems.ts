/** Failures of the system that the operator can mend, in words that name the setting. Anything else is left as it is. */
import { AppError } from '../errors.js';

/** What became of using the data folder: `thrown` in words when the file system refused something, else itself. */
export function dataFolderProblem(thrown: unknown, dataDir: string): unknown {
  if (!isSystemError(thrown)) return thrown;
  return new AppError(
    'storage_unavailable',
    `The data folder ${dataDir} cannot be used: ${thrown.message}.`,
    {
      hint: 'Choose a folder that this user may write to with DATA_DIR.',
      cause: thrown,
    },
  );
}

const LISTENING: ReadonlyMap<string, (address: string) => string> = new Map([
  ['EADDRINUSE', (address) => `${address} is in use. Choose another port with PORT.`],
  ['EACCES', (address) => `This user may not listen on ${address}. Choose a port above 1023 with PORT.`],
  ['EADDRNOTAVAIL', (address) => `${address} is no address of this machine. Choose another with MCP_HOST.`],
  ['ENOTFOUND', (address) => `The host of ${address} is not known. Choose another with MCP_HOST.`],
  ['EAI_AGAIN', (address) => `The host of ${address} cannot be looked up. Choose another with MCP_HOST.`],
]);

/** The same for listening on an address. */
export function listenProblem(thrown: unknown, { host, port }: { host: string; port: number }): unknown {
  if (!isSystemError(thrown)) return thrown;
  const words = LISTENING.get(thrown.code);
  return words === undefined ? thrown : new AppError('conflict', words(`${host}:${port}`), { cause: thrown });
}

type SystemError = Error & { readonly code: string; readonly syscall: string };

const isSystemError = (thrown: unknown): thrown is SystemError =>
  thrown instanceof Error &&
  'code' in thrown &&
  typeof thrown.code === 'string' &&
  'syscall' in thrown &&
  typeof thrown.syscall === 'string';
