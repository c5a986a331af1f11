/** Reads a reply's body up to a bound. The connection of a body that goes on beyond it is destroyed. */
import type { Readable } from 'node:stream';
import { AppError } from '../errors.js';

/**
 * @param declared the Content-Length header, if any: a body announced as too large is not read at all
 * @param maxBytes most that is held in memory
 * @throws AppError `upstream_malformed` for a body that is too large or not UTF-8; the stream's own errors
 */
export async function readText(
  body: Readable,
  declared: string | undefined,
  maxBytes: number,
): Promise<string> {
  const bytes = await readBounded(body, declared, maxBytes);
  if (bytes === undefined) {
    throw new AppError(
      'upstream_malformed',
      `Order Desk's answer is larger than ${maxBytes} bytes and was not read.`,
      {
        field: 'body',
        hint: 'Ask for fewer records at a time.',
        cause: new RangeError(`A body of more than ${maxBytes} bytes.`),
      },
    );
  }
  try {
    // Replacing bad bytes would alter a record that may be written back one day.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError('upstream_malformed', "Order Desk's answer is not valid UTF-8.", {
      field: 'body',
      cause,
    });
  }
}

/** Whether a body was given up for its size: asking again gives the same, and nothing is wrong with Order Desk. */
export const isTooLarge = (error: AppError): boolean =>
  error.code === 'upstream_malformed' && error.cause instanceof RangeError;

/** The whole body, or undefined when it is larger than `maxBytes`. */
export async function readBounded(
  body: Readable,
  declared: string | undefined,
  maxBytes: number,
): Promise<Buffer | undefined> {
  // A body that is given up ends with an error that nobody waits for.
  body.on('error', () => undefined);
  if (declared !== undefined && Number(declared) > maxBytes) {
    body.destroy();
    return undefined;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop destroys the stream, and with it the connection.
  for await (const chunk of body) {
    const bytes: Buffer = chunk;
    size += bytes.length;
    if (size > maxBytes) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, size);
}

/** Gives a body up, with its connection. */
export function discard(body: Readable): void {
  body.on('error', () => undefined);
  body.destroy();
}
