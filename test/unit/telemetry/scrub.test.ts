import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scrub } from '../../../src/telemetry/scrub.js';

const scrubbed = (value: unknown): unknown => JSON.parse(scrub(JSON.stringify(value)));

describe('scrub', () => {
  it.each([
    ['odm_abcdefghij_0123456789abcdefghijABCDEFGHIJ01abcdef', '[api key]'],
    ['before\nodm_abcdefghij_0123456789\nafter', 'before\n[api key]\nafter'],
    ["mail\tjo.o'brien+tag@shop.example.co.uk now", 'mail\t[e-mail] now'],
    ['an address jürgen@bücher.example here', 'an address [e-mail] here'],
    ['Bearer abcdef.123456', 'Bearer [redacted]'],
    ['npm i @scope/pkg@1.2.3 at noon', 'npm i @scope/pkg@1.2.3 at noon'],
    ['metadata odm_change is a name', 'metadata odm_change is a name'],
    ['a@b.odm_abcdefghij_0123456789', 'a@b.[api key]'],
    ['a@b.xodm_abcdefghij_0123456789', 'a@b.x[api key]'],
    ['x@y.bearer abcdef123', '[e-mail] [redacted]'],
  ])('turns %j into %j', (text, expected) => {
    expect(scrubbed({ text })).toEqual({ text: expected });
  });

  it('redacts strings and lists under the names of secrets, at any depth and in any case', () => {
    const value = {
      a: [{ Authorization: 'x', 'Set-Cookie': ['a', 'b'], api_key: 'q"]}', apikey: 'x' }],
      smtp_password: '',
      tokens: 7,
    };
    expect(scrubbed(value)).toEqual({
      a: [
        {
          Authorization: '[redacted]',
          'Set-Cookie': '[redacted]',
          api_key: '[redacted]',
          apikey: '[redacted]',
        },
      ],
      smtp_password: '[redacted]',
      tokens: 7,
    });
  });

  it('leaves any JSON valid, and JSON without anything sensitive as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(() => JSON.parse(scrub(text))).not.toThrow();
        if (!text.includes('@')) expect(scrub(text)).toBe(text);
      }),
    );
  });

  it('lets no key through, whatever stands around it', () => {
    const noise = fc.string({
      unit: fc.constantFrom('"', '\\', '\n', 'n', 'u', '0', '@', '.', ' ', 'é', '{', 'o'),
    });
    fc.assert(
      fc.property(noise, noise, (before, after) => {
        expect(scrub(JSON.stringify({ msg: `${before}odm_Kidkidkid1_secret ${after}` }))).not.toContain(
          'Kidkidkid1',
        );
      }),
    );
  });

  it('takes time in proportion to the line', () => {
    const started = performance.now();
    scrub(JSON.stringify({ a: 'a'.repeat(200_000), at: `@${'b.'.repeat(50_000)}` }));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
