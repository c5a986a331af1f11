import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/tenancy/secret.js';

const VALUE = 'made-up-secret-7c1f';
const secret = new Secret(VALUE);

function logged(object: object): string {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  pino(stream).info(object, 'a message');
  return lines.join('');
}

describe('a secret', () => {
  it('is given to whoever asks for it by name', () => {
    expect(secret.reveal()).toBe(VALUE);
  });

  it.each([
    ['JSON', () => JSON.stringify({ secret, nested: [{ secret }] })],
    ['inspect', () => inspect({ secret }, { depth: 9, showHidden: true })],
    ['format', () => format('%s %o %j %O', secret, secret, secret, secret)],
    ['a template', () => `${secret}`],
    ['concatenation', () => `a ${String(secret)}`],
    ['an error', () => inspect(new Error('failed', { cause: { secret } }))],
    ['pino', () => logged({ secret, nested: { secret } })],
    ['pino with an error', () => logged({ err: Object.assign(new Error('failed'), { secret }) })],
  ])('prints as redacted in %s', (_, print) => {
    expect(print()).not.toContain(VALUE);
    expect(print()).toContain('[redacted]');
  });

  it('has no property that leads to it', () => {
    expect(Object.entries(secret)).toEqual([]);
    expect(Reflect.ownKeys(secret)).toEqual([]);
    expect({ ...secret }).toEqual({});
  });
});
