import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../../src/errors.js';
import { serializeError } from '../../../src/telemetry/serialize-error.js';

describe('an error in the log', () => {
  it('keeps type, code, message, and where in our code it came from', () => {
    const logged = serializeError(
      Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED', secret: 'x' }),
    );
    expect(logged).toMatchObject({ type: 'Error', code: 'ECONNREFUSED', message: 'connect refused' });
    expect(logged.stack?.[0]).toMatch(/^at .*serialize-error\.test\.ts/);
    expect(Object.keys(logged).sort()).toEqual(['code', 'message', 'stack', 'type']);
  });

  it('says what our own failures say, and of others only what the class says', () => {
    expect(serializeError(new AppError('internal', 'the seed is damaged')).message).toBe(
      'the seed is damaged',
    );
    expect(serializeError(new AppError('upstream_rejected', 'Jo Bloggs has moved')).message).toBe(
      'Order Desk refused the request.',
    );
    expect(serializeError(new AppError('unknown_store', 'no store "Jo"', { field: 'store' }))).toMatchObject({
      message: 'No such store for this key.',
      code: 'unknown_store',
      field: 'store',
    });
  });

  it('does not quote what a parser or a database could not read', () => {
    expect(serializeError(new Error('invalid input syntax for type uuid: "Jo Bloggs"')).message).toBe(
      'invalid input syntax for type uuid: "…"',
    );
    const parsed = z
      .object({ order: z.object({ id: z.string() }) })
      .safeParse({ order: { id: 7, name: 'Jo' } });
    expect(serializeError(parsed.error).message).toBe('data of another shape: invalid_type at order.id');
  });

  it('follows causes, but not for ever', () => {
    const loop = new Error('loop');
    loop.cause = loop;
    const text = JSON.stringify(serializeError(loop));
    expect(text.match(/"message":"loop"/g)).toHaveLength(5);
    expect(serializeError(new AggregateError([new Error('first'), new Error('second')])).cause?.message).toBe(
      'first',
    );
  });

  it('has a word for what is no error at all', () => {
    expect(serializeError('odm_text')).toEqual({
      type: 'string',
      message: 'something that is not an Error was thrown',
    });
  });
});
