/**
 * The operator's way into a running server: its embedded database is in use by one process, so the command line asks
 * that process. HTTP over a Unix socket that only the server's user can open: one POST a command, JSON both ways.
 * What travels may be a secret, so neither side logs it or attaches it to an error.
 */
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request } from 'node:http';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { AppError, ERROR_TABLE, type ErrorCode, toAppError } from '../errors.js';
import { withSocketPath } from './short-path.js';

const REQUEST_LIMIT_BYTES = 64 * 1024;
const ANSWER_LIMIT_BYTES = 16 * 1024 * 1024;
const READ_TIMEOUT_MS = 10_000;
/** Commands may call Order Desk, which may retry. */
const ANSWER_TIMEOUT_MS = 120_000;

export type AdminHandler = (command: string, input: unknown) => Promise<unknown>;

/** No process answers on the socket: the folder is not in use, or its server is just starting or gone. */
export class AdminSocketAbsent extends Error {
  override readonly name = 'AdminSocketAbsent';
}

/**
 * Listens on the path, replacing a socket that a dead process left there. The caller holds the lock on the folder.
 * @param handle what it returns is sent as JSON; what it throws arrives at the caller as the same `AppError`
 */
export async function serveAdminSocket(
  path: string,
  handle: AdminHandler,
): Promise<{ close(): Promise<void> }> {
  const server = createServer({ requestTimeout: READ_TIMEOUT_MS }, async (req, res) => {
    const { status, body } = await answer(req, handle);
    res.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(body);
  });
  // Made in a private folder and moved into place when its mode is right, so that it is never open to others.
  const stage = await mkdtemp(join(dirname(path), '.admin-'));
  try {
    const staged = join(stage, 's');
    await withSocketPath(
      staged,
      (short) =>
        new Promise<void>((resolve, reject) => {
          server.once('error', reject);
          server.listen(short, () => resolve());
        }),
    );
    await chmod(staged, 0o600);
    await rename(staged, path);
  } finally {
    await rm(stage, { recursive: true });
  }
  let closed: Promise<void> | undefined;
  const close = async () => {
    const ended = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    await rm(path, { force: true });
    await ended;
  };
  return {
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/**
 * Sends one command to the server behind the socket and returns what its handler returned.
 * @throws AdminSocketAbsent; AppError as the handler threw it, `forbidden` for another user's socket,
 *   `storage_unavailable` when the server ended meanwhile: the command may have been carried out
 */
export async function callAdminSocket(path: string, command: string, input: unknown): Promise<unknown> {
  const body = JSON.stringify(input ?? null);
  if (Buffer.byteLength(body) > REQUEST_LIMIT_BYTES) throw new AppError('payload_too_large');
  const { status, text } = await withSocketPath(path, (short) => post(short, command, body)).catch(
    raiseConnectError,
  );
  const parsed = parseJson(text);
  if (status === 200) return z.object({ result: z.unknown() }).parse(parsed).result;
  const { code, message, hint, field, retryAfterS } = wireError.parse(parsed).error;
  throw new AppError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(field === undefined ? {} : { field }),
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
  });
}

const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(ERROR_TABLE, value);

const wireError = z.object({
  error: z.object({
    code: z.custom<ErrorCode>(isErrorCode),
    message: z.string(),
    hint: z.string().optional(),
    field: z.string().optional(),
    retryAfterS: z.number().optional(),
  }),
});

async function answer(req: IncomingMessage, handle: AdminHandler): Promise<{ status: number; body: string }> {
  try {
    if (req.method !== 'POST') throw new AppError('method_not_allowed');
    const input = parseJson(await readBounded(req, REQUEST_LIMIT_BYTES));
    const result = await handle(decodeURIComponent((req.url ?? '/').slice(1)), input);
    return { status: 200, body: JSON.stringify({ result: result ?? null }) };
  } catch (thrown) {
    const { code, message, hint, field, retryAfterS, class: row } = toAppError(thrown);
    return { status: row.http, body: JSON.stringify({ error: { code, message, hint, field, retryAfterS } }) };
  }
}

/** The parser's own error quotes the text, which may be a secret. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) throw new AppError('malformed_json');
    throw thrown;
  }
}

/** Ends the stream when there is more than it takes. */
async function readBounded(stream: AsyncIterable<Buffer>, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit) throw new AppError('payload_too_large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function post(socketPath: string, command: string, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const req = request(
      {
        socketPath,
        method: 'POST',
        path: `/${encodeURIComponent(command)}`,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        agent: false,
        timeout: ANSWER_TIMEOUT_MS,
      },
      (res) => {
        readBounded(res, ANSWER_LIMIT_BYTES).then(
          (text) => resolve({ status: res.statusCode ?? 0, text }),
          reject,
        );
      },
    );
    req.on('timeout', () =>
      req.destroy(new AppError('storage_unavailable', 'The server did not answer in time.')),
    );
    req.on('error', reject);
    req.end(body);
  });
}

function raiseConnectError(thrown: unknown): never {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    throw new AdminSocketAbsent('No running server answers on this data folder.', { cause: thrown });
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    throw new AppError('storage_unavailable', 'The server ended before it had answered.', { cause: thrown });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    throw new AppError('forbidden', 'The running server belongs to another user.', {
      hint: 'Run the command as the user that runs the server.',
      cause: thrown,
    });
  }
  throw thrown;
}
