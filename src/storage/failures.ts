/**
 * A driver's error as an `AppError`. What the driver attaches beyond the codes (parameters, row contents) may be a
 * secret or somebody's personal data, so the original is not kept: the cause is a `StorageFailure` with the harmless
 * part. Both drivers name the fields of a server error alike.
 */
import { z } from 'zod';
import { AppError } from '../errors.js';

const serverError = z.object({
  code: z.string().length(5),
  severity: z.string(),
  message: z.string(),
  constraint: z.string().optional(),
  table: z.string().optional(),
  column: z.string().optional(),
});

/** For the log, and for a caller that must know which unique constraint was hit. */
export class StorageFailure extends Error {
  override readonly name = 'StorageFailure';
  /** SQLSTATE, or the error code of the system call; `undefined` when the driver gave none. */
  readonly code: string | undefined;
  readonly constraint: string | undefined;
  readonly table: string | undefined;

  constructor(message: string, code?: string, constraint?: string, table?: string) {
    super(message);
    this.code = code;
    this.constraint = constraint;
    this.table = table;
  }
}

const UNIQUE_VIOLATION = '23505';
/**
 * SQLSTATE classes that say the server or the way to it, not the statement, is at fault: waiting can help. 28 and 3D
 * come from connecting only: somebody is changing a password, or restoring the database.
 */
const SERVER_TROUBLE = new Set(['08', '28', '3D', '40', '53', '55', '57', '58', 'XX']);
/** Data exceptions quote the offending value in their message. */
const DATA_EXCEPTION = '22';
/** What callers are told to wait: a server that restarts, or another that takes its place, needs about so long. */
const RETRY_AFTER_S = 5;

/**
 * `conflict` for a unique violation, `storage_unavailable` with a time to wait where waiting can help, `internal` where
 * our own statement is wrong or was refused.
 */
export function storageError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const parsed = serverError.safeParse(thrown);
  if (!parsed.success) {
    const { message, code } = systemError(thrown);
    return unavailable(new StorageFailure(message, code));
  }
  const { code, message, constraint, table, column } = parsed.data;
  const sqlClass = code.slice(0, 2);
  const shown = sqlClass === DATA_EXCEPTION ? `invalid data${column ? ` for ${column}` : ''}` : message;
  const cause = new StorageFailure(shown, code, constraint, table);
  if (code === UNIQUE_VIOLATION) return new AppError('conflict', undefined, { cause });
  return SERVER_TROUBLE.has(sqlClass) ? unavailable(cause) : new AppError('internal', undefined, { cause });
}

const unavailable = (cause: StorageFailure): AppError =>
  new AppError('storage_unavailable', undefined, { cause, retryAfterS: RETRY_AFTER_S });

function systemError(thrown: unknown): { message: string; code: string | undefined } {
  const parsed = z.object({ message: z.string(), code: z.string().optional() }).safeParse(thrown);
  return parsed.success
    ? { message: parsed.data.message, code: parsed.data.code }
    : { message: String(thrown), code: undefined };
}
