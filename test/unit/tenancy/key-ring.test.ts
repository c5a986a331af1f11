import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { assertRingsDiffer, makeRingText, parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import { DOCUMENTED_KEYS } from '../../../src/tenancy/rings/weak-material.js';

const REMEDY = 'openssl rand -base64 32';
const entry = (id: string, bytes: Uint8Array) => `${id}:${Buffer.from(bytes).toString('base64')}`;
const filled = (fill: (index: number) => number, length = 32) =>
  Uint8Array.from({ length }, (_, i) => fill(i));

function refusal(text: string): AppError {
  try {
    parseKeyRing(text, 'MCP_KMS_KEY');
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('the ring was accepted');
}

describe('a key ring', () => {
  it('has the first key as its current one and finds each by its id', () => {
    const [a, b] = [randomBytes(32), randomBytes(32)];
    const ring = parseKeyRing(`${entry('k2', a)}, ${entry('k1', b)}`, 'MCP_KMS_KEY');
    expect(ring.current.id).toBe('k2');
    expect(ring.current.key.export()).toEqual(a);
    expect(ring.byId.get('k1')?.key.export()).toEqual(b);
    expect(ring.byId.size).toBe(2);
  });

  it('takes base64 without padding', () => {
    const bytes = randomBytes(32);
    expect(parseKeyRing(entry('k1', bytes).replace('=', ''), 'X').current.key.export()).toEqual(bytes);
  });

  it('accepts every ring that it makes', () => {
    for (let i = 0; i < 500; i += 1)
      expect(() => parseKeyRing(makeRingText('k1', randomBytes), 'X')).not.toThrow();
  });

  it('prints nothing of its keys', () => {
    const bytes = randomBytes(32);
    const ring = parseKeyRing(entry('k1', bytes), 'X');
    const printed = inspect(ring, { depth: 9 }) + JSON.stringify(ring) + JSON.stringify([...ring.byId]);
    expect(printed).not.toContain(bytes.toString('base64'));
    expect(printed).not.toContain(bytes.toString('hex'));
  });

  const random = randomBytes(32);
  it.each([
    ['nothing', ''],
    ['an empty entry', `${entry('k1', random)},`],
    ['a key without an id', random.toString('base64')],
    ['an id in capitals', entry('K1', random)],
    ['an empty id', entry('', random)],
    ['an id that is too long', entry('a'.repeat(17), random)],
    ['a key that is short', entry('k1', randomBytes(31))],
    ['a key that is long', entry('k1', randomBytes(33))],
    ['an empty key', 'k1:'],
    ['hex', `k1:${random.toString('hex')}`],
    ['base64url', `k1:${Buffer.alloc(32, 0xfb).toString('base64url')}`],
    ['stray bits', `k1:${`${random.toString('base64').slice(0, 42)}B=`}`],
    [
      'zeros',
      entry(
        'k1',
        filled(() => 0),
      ),
    ],
    [
      'one byte repeated',
      entry(
        'k1',
        filled(() => 0xa7),
      ),
    ],
    [
      'a repeated pattern',
      entry(
        'k1',
        filled((i) => [1, 99, 180, 7, 250][i % 5] ?? 0),
      ),
    ],
    [
      'a key of 16 bytes written twice',
      entry('k1', Buffer.concat([random.subarray(0, 16), random.subarray(0, 16)])),
    ],
    [
      'a sequence',
      entry(
        'k1',
        filled((i) => i),
      ),
    ],
    [
      'a sequence downwards',
      entry(
        'k1',
        filled((i) => 300 - 3 * i),
      ),
    ],
    ['a passphrase', entry('k1', Buffer.from('correct horse battery staple 123'))],
    [
      'too few different bytes',
      entry(
        'k1',
        filled((i) => (i * i * 7 + 200) % 8),
      ),
    ],
    ['a documented example', `k1:${DOCUMENTED_KEYS.MCP_KMS_KEY}`],
    ['the other documented example', `k1:${DOCUMENTED_KEYS.MCP_KEY_PEPPER}`],
    ['an id twice', `${entry('k1', random)},${entry('k1', randomBytes(32))}`],
    ['a key twice', `${entry('k1', random)},${entry('k2', random)}`],
  ])('refuses %s, naming the variable and the remedy and no material', (_, text) => {
    const error = refusal(text);
    expect(error.code).toBe('invalid_argument');
    expect(error.field).toBe('MCP_KMS_KEY');
    expect(error.message).toMatch(/^MCP_KMS_KEY: /);
    expect(error.message).toContain(REMEDY);
    const shown = inspect(error, { depth: 9 }) + JSON.stringify(error);
    for (const material of text.split(/[:,]/).filter((part) => part.length > 20)) {
      expect(shown).not.toContain(material.slice(0, 8));
    }
  });

  it('says which entry it refuses', () => {
    expect(refusal(`${entry('k2', random)},${entry('k1', randomBytes(16))}`).message).toContain(
      '"k1" has 16 bytes where 32 are needed',
    );
  });
});

describe('two rings', () => {
  it('must not share a key', () => {
    const shared = randomBytes(32);
    const kms = { variable: 'MCP_KMS_KEY', ring: parseKeyRing(entry('k1', shared), 'X') };
    const same = parseKeyRing(`${makeRingText('p2', randomBytes)},${entry('p1', shared)}`, 'X');
    const other = parseKeyRing(makeRingText('p1', randomBytes), 'X');
    expect(() => assertRingsDiffer(kms, { variable: 'MCP_KEY_PEPPER', ring: same })).toThrow(
      'MCP_KEY_PEPPER: "p1" is the same key as "k1" of MCP_KMS_KEY',
    );
    expect(() => assertRingsDiffer(kms, { variable: 'MCP_KEY_PEPPER', ring: other })).not.toThrow();
  });
});
