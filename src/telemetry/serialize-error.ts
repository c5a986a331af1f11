/**
 * Errors for the log: type, code, a safe message, our own stack frames and the causes. Everything else that an error
 * may carry (bodies, headers, SQL parameters) is left out by not being named here.
 */
import { AppError } from '../errors.js';

export interface LoggedError {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly field?: string;
  readonly stack?: readonly string[];
  readonly cause?: LoggedError;
}

const MOST_CAUSES = 4;
const MOST_FRAMES = 8;

export function serializeError(thrown: unknown, depth = 0): LoggedError {
  if (!(thrown instanceof Error))
    return { type: typeof thrown, message: 'something that is not an Error was thrown' };
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  const stack = ownFrames(thrown.stack ?? '');
  const causes = thrown instanceof AggregateError ? thrown.errors[0] : thrown.cause;
  return {
    type: thrown.name,
    ...(code === undefined ? {} : { code }),
    message: safeMessage(thrown),
    ...(thrown instanceof AppError && thrown.field !== undefined ? { field: thrown.field } : {}),
    ...(stack.length === 0 ? {} : { stack }),
    ...(causes === undefined || depth >= MOST_CAUSES ? {} : { cause: serializeError(causes, depth + 1) }),
  };
}

/**
 * The message where it is ours to say. A message that answers a client may repeat its arguments, one about Order Desk
 * its text, and those of parsers and of databases quote what they could not read: these are replaced by what is known of the class.
 */
export function safeMessage(error: Error): string {
  if (error instanceof AppError) {
    return error.class.source === 'server' ? error.message : error.class.publicText;
  }
  if (error instanceof SyntaxError) return 'text that could not be parsed';
  if ('issues' in error && Array.isArray(error.issues))
    return `data of another shape: ${issueList(error.issues)}`;
  return error.message.replace(/"[^"]*"/g, '"…"');
}

/** Where zod found what, without the values. */
function issueList(issues: readonly unknown[]): string {
  return issues
    .slice(0, 5)
    .map((issue) => {
      const { code, path }: { code?: unknown; path?: unknown } =
        typeof issue === 'object' && issue !== null ? issue : {};
      return `${String(code)} at ${Array.isArray(path) ? path.map(String).join('.') : '?'}`;
    })
    .join(', ');
}

/** Frames of our own code; those of libraries and of Node only where nothing else is left. The message is not among them. */
function ownFrames(stack: string): string[] {
  const frames = stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '));
  const own = frames.filter((frame) => !/node_modules|node:/.test(frame));
  return (own.length > 0 ? own : frames).slice(0, MOST_FRAMES);
}
