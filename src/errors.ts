/**
 * One error hierarchy and one table. An `AppError` carries a code from the table; the table says how the code shows
 * on every surface: JSON-RPC, HTTP, the log and the metrics. A message is public: it never holds a secret, a path,
 * SQL, a host name or a customer's data. What only operators may see travels in `cause`.
 */

interface ErrorClass {
  /** JSON-RPC code where the failure is answered as a protocol error. */
  readonly jsonRpc: number;
  /** HTTP status where the failure is answered before any JSON-RPC message exists. */
  readonly http: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Whose making it was: the closed label set of the metrics. */
  readonly source: 'client' | 'upstream' | 'server';
  /** What is said when the thrower gave no words of its own. */
  readonly publicText: string;
}

const row = (
  jsonRpc: number,
  http: number,
  logLevel: ErrorClass['logLevel'],
  source: ErrorClass['source'],
  publicText: string,
): ErrorClass => ({ jsonRpc, http, logLevel, source, publicText });

export const ERROR_TABLE = {
  // Transport
  malformed_json: row(-32700, 400, 'info', 'client', 'The body is not valid JSON.'),
  invalid_encoding: row(-32700, 400, 'info', 'client', 'The body is not valid UTF-8.'),
  invalid_request: row(-32600, 400, 'info', 'client', 'The request is not a valid JSON-RPC message.'),
  payload_too_large: row(-32600, 413, 'info', 'client', 'The body is larger than the server accepts.'),
  unsupported_media_type: row(
    -32600,
    415,
    'info',
    'client',
    'Send the body as Content-Type: application/json.',
  ),
  not_acceptable: row(-32600, 406, 'info', 'client', 'Accept application/json and text/event-stream.'),
  method_not_allowed: row(-32600, 405, 'info', 'client', 'This endpoint takes POST only.'),
  route_not_found: row(-32601, 404, 'info', 'client', 'There is nothing at this address.'),
  host_not_allowed: row(
    -32600,
    403,
    'warn',
    'client',
    'The Host header names a host this server does not serve.',
  ),
  origin_not_allowed: row(-32600, 403, 'warn', 'client', 'Requests from this web origin are not allowed.'),
  unauthorized: row(-32600, 401, 'info', 'client', 'A valid API key is required as Authorization: Bearer.'),
  // Below what is logged as a rule: a flood must not fill the log as well.
  rate_limited: row(-32603, 429, 'debug', 'client', 'Too many messages with this key. Slow down.'),
  // One tenant's own load: others do not feel it. As above, no line for each.
  too_many_calls: row(
    -32603,
    429,
    'debug',
    'client',
    'Too many calls of this tenant are running. Try again shortly.',
  ),
  overloaded: row(-32603, 503, 'warn', 'server', 'The server is busy. Try again shortly.'),
  shutting_down: row(-32603, 503, 'info', 'server', 'The server is shutting down. Try again shortly.'),

  // Tool input
  unknown_tool: row(-32602, 404, 'info', 'client', 'No such tool for this key.'),
  invalid_argument: row(-32602, 400, 'info', 'client', 'An argument is not valid.'),
  invalid_cursor: row(
    -32602,
    400,
    'info',
    'client',
    'The cursor is not valid here. Start again without one.',
  ),
  unknown_store: row(-32602, 404, 'info', 'client', 'No such store for this key.'),
  unknown_folder: row(-32602, 404, 'info', 'client', 'No such folder in this store.'),
  not_found: row(-32602, 404, 'info', 'client', 'Nothing found.'),
  forbidden: row(-32602, 403, 'info', 'client', 'This key does not allow that.'),
  conflict: row(-32602, 409, 'info', 'client', 'That already exists.'),

  // Writing
  version_conflict: row(
    -32602,
    409,
    'info',
    'client',
    'It was changed since it was read. Nothing was written.',
  ),
  in_progress: row(-32602, 409, 'info', 'client', 'Another call is changing the same. Nothing was written.'),
  confirmation_required: row(
    -32602,
    403,
    'info',
    'client',
    'This has to be confirmed: repeat the call with the confirmation_token of a dry run. Nothing was written.',
  ),
  write_cap_reached: row(
    -32602,
    403,
    'info',
    'client',
    'The daily write cap of this key is reached. Nothing was written.',
  ),
  cannot_undo: row(-32602, 409, 'info', 'client', 'This change cannot be undone.'),

  // Order Desk
  upstream_rejected: row(-32603, 502, 'info', 'upstream', 'Order Desk refused the request.'),
  upstream_credentials_refused: row(
    -32603,
    502,
    'warn',
    'upstream',
    'Order Desk refused the credentials of this store.',
  ),
  upstream_rate_limited: row(
    -32603,
    503,
    'warn',
    'upstream',
    'The API budget of this store is used up for the moment.',
  ),
  rate_budget_exhausted: row(
    -32603,
    503,
    'info',
    'upstream',
    'The API budget of this store is taken for longer than this call may wait.',
  ),
  store_busy: row(
    -32603,
    503,
    'info',
    'upstream',
    'The calls to this store take too long for one more. Try again shortly.',
  ),
  upstream_unavailable: row(-32603, 502, 'warn', 'upstream', 'Order Desk cannot be reached or is failing.'),
  upstream_timeout: row(-32603, 504, 'warn', 'upstream', 'Order Desk did not answer in time.'),
  upstream_malformed: row(
    -32603,
    502,
    'warn',
    'upstream',
    'Order Desk sent an answer that could not be understood.',
  ),

  // Ourselves
  cancelled: row(-32603, 499, 'debug', 'client', 'The request was cancelled.'),
  storage_unavailable: row(
    -32603,
    503,
    'error',
    'server',
    'The database cannot be reached. Try again shortly.',
  ),
  internal: row(
    -32603,
    500,
    'error',
    'server',
    'Something failed inside the server. The request id finds it in the log.',
  ),
} as const satisfies Record<string, ErrorClass>;

export type ErrorCode = keyof typeof ERROR_TABLE;

/** What others wrote and an error passes on, such as Order Desk's words: a model gets it apart from ours, as data. */
export interface Quotation {
  /** What stands for `message` where that holds the quotation itself. */
  readonly message?: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** It may name customers: keys that may not see them do not get it. */
  readonly mayNameCustomers: boolean;
}

export interface AppErrorOptions {
  /** What the caller should do next, in one sentence. */
  readonly hint?: string;
  /** Whole seconds to wait before the same call can succeed. */
  readonly retryAfterS?: number;
  /** The argument at fault, as a path such as `order_items.0.code`. */
  readonly field?: string;
  readonly quotation?: Quotation;
  /** For the log only. */
  readonly cause?: unknown;
}

export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryAfterS: number | undefined;
  readonly field: string | undefined;
  readonly quotation: Quotation | undefined;

  /** `message` is public; without one the table's own words are used. */
  constructor(code: ErrorCode, message?: string, options: AppErrorOptions = {}) {
    super(
      message ?? ERROR_TABLE[code].publicText,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.hint = options.hint;
    this.retryAfterS = options.retryAfterS;
    this.field = options.field;
    this.quotation = options.quotation;
  }

  /** The message without anything that others wrote. */
  get ownWords(): string {
    return this.quotation?.message ?? this.message;
  }

  get class(): ErrorClass {
    return ERROR_TABLE[this.code];
  }
}

/** Anything thrown, as an `AppError`; what was not one becomes `internal` with the original as its cause. */
export function toAppError(thrown: unknown): AppError {
  return thrown instanceof AppError ? thrown : new AppError('internal', undefined, { cause: thrown });
}

/**
 * Why a signal ended: its own reason where that is an `AppError` (a deadline), `upstream_timeout` for
 * `AbortSignal.timeout`, else `cancelled`.
 */
export function cancellation(signal: AbortSignal): AppError {
  const reason: unknown = signal.reason;
  if (reason instanceof AppError) return reason;
  const timedOut = reason instanceof DOMException && reason.name === 'TimeoutError';
  return new AppError(timedOut ? 'upstream_timeout' : 'cancelled', undefined, { cause: reason });
}
