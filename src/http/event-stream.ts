/** Server-sent events: each JSON-RPC message one event, with comments in between that keep proxies from hanging up. */
import { PassThrough, type Readable } from 'node:stream';

/** @param keepAliveMs milliseconds between comments; below the read time-outs of proxies */
export function eventStream(messages: AsyncIterable<string>, keepAliveMs: number): Readable {
  const stream = new PassThrough();
  const keepAlive = setInterval(() => {
    // What waits to be read keeps the connection busy by itself.
    if (!stream.writableNeedDrain) stream.write(': keep-alive\n\n');
  }, keepAliveMs);
  stream.once('close', () => clearInterval(keepAlive));
  void pump(messages, stream).finally(() => {
    // A slow reader takes the rest long after the end, and a comment after the end would cut it short.
    clearInterval(keepAlive);
    stream.end();
  });
  return stream;
}

/**
 * A client that hung up has destroyed the stream: what comes after that is dropped. It is still waited for, since the
 * end of the messages is how everybody knows that the call is over.
 */
async function pump(messages: AsyncIterable<string>, stream: PassThrough): Promise<void> {
  for await (const message of messages) {
    if (!stream.destroyed) stream.write(`event: message\ndata: ${message}\n\n`);
  }
}
