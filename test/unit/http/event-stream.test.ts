import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventStream } from '../../../src/http/event-stream.js';
import { deferred } from '../../support/deferred.js';

const KEEP_ALIVE_MS = 15_000;

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

describe('an event stream', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('sends comments while nothing else is to be said', async () => {
    const answer = deferred<string>();
    const stream = eventStream(
      (async function* () {
        yield await answer.promise;
      })(),
      KEEP_ALIVE_MS,
    );
    vi.advanceTimersByTime(2 * KEEP_ALIVE_MS);
    answer.resolve('{"id":1}');
    expect(await textOf(stream)).toBe(': keep-alive\n\n: keep-alive\n\nevent: message\ndata: {"id":1}\n\n');
  });

  it('reaches a reader whole who takes it long after it was written', async () => {
    const big = 'x'.repeat(200_000);
    const written = deferred<void>();
    const stream = eventStream(
      (async function* () {
        yield big;
        yield 'last';
        written.resolve();
      })(),
      KEEP_ALIVE_MS,
    );
    await written.promise;
    await Promise.resolve();
    vi.advanceTimersByTime(10 * KEEP_ALIVE_MS);
    expect(await textOf(stream)).toBe(`event: message\ndata: ${big}\n\nevent: message\ndata: last\n\n`);
  });

  it('piles up no comments for a reader who does not read', async () => {
    const written = deferred<void>();
    const never = deferred<void>();
    const stream = eventStream(
      (async function* () {
        yield 'x'.repeat(200_000);
        written.resolve();
        await never.promise;
      })(),
      KEEP_ALIVE_MS,
    );
    await written.promise;
    const held = () => stream.readableLength + (stream instanceof PassThrough ? stream.writableLength : 0);
    const before = held();
    vi.advanceTimersByTime(1_000 * KEEP_ALIVE_MS);
    expect(held()).toBe(before);
    stream.destroy();
  });
});
