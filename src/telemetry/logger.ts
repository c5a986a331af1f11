/** The log: JSON lines on standard output, redacted twice: what is known by name, then what is known by its look. */
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { scrub } from './scrub.js';
import { safeMessage, serializeError } from './serialize-error.js';

export type { Logger } from 'pino';

export interface LogOptions {
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** Readable lines in colour, for a person at a terminal; never for production. */
  readonly pretty: boolean;
  /** Where lines go; standard output unless given. */
  readonly destination?: DestinationStream;
  /** No setting leads here: only the test that proves redaction does its work passes `off`. */
  readonly redaction?: 'on' | 'off';
}

export function createLogger(options: LogOptions): Logger {
  const common: LoggerOptions = {
    level: options.level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  };
  const destination = options.destination ?? pino.destination({ dest: 1, sync: true });
  const stream = options.pretty ? readable(destination) : destination;
  return pino(options.redaction === 'off' ? common : { ...common, ...redaction() }, stream);
}

/** Formats each line on its way, in this thread, so that nothing is lost when the process ends. */
function readable(destination: DestinationStream): DestinationStream {
  const format = prettyFactory({ ignore: 'pid', translateTime: 'SYS:HH:MM:ss' });
  return { write: (line) => destination.write(format(line)) };
}

/** Replaced whole, whatever they hold. Strings under names of secrets are caught at any depth by the scrub. */
const HIDDEN = ['headers', 'cookies', 'credential', 'credentials', 'secret', 'body', 'raw', 'arguments'];

function redaction(): LoggerOptions {
  return {
    redact: { paths: HIDDEN, censor: '[redacted]' },
    serializers: { err: serializeError, error: serializeError, req: describeRequest, res: describeReply },
    hooks: {
      logMethod(args, method) {
        // Without a message of the caller's, pino would take the error's own, past its serializer.
        const [first, message] = args;
        const error = errorIn(first);
        if (error === undefined || message !== undefined) method.apply(this, args);
        else method.apply(this, [first, safeMessage(error)]);
      },
      streamWrite: scrub,
    },
  };
}

function errorIn(fields: unknown): Error | undefined {
  if (fields instanceof Error) return fields;
  if (typeof fields !== 'object' || fields === null || !('err' in fields) || 'msg' in fields)
    return undefined;
  return fields.err instanceof Error ? fields.err : undefined;
}

/** A request without its headers and without the query of its address, either of which may hold a key. */
const describeRequest = (request: unknown): object => {
  const url = property(request, 'url');
  return {
    method: property(request, 'method'),
    path: typeof url === 'string' ? url.split('?', 1)[0] : undefined,
  };
};

const describeReply = (reply: unknown): object => ({ status: property(reply, 'statusCode') });

/** Read one by one, since the objects of Fastify and of Node have getters. */
const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
