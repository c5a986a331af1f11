import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exceededLimit, MOST_LEVELS, MOST_VALUES } from '../../../src/http/json-limits.js';

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const many = (values: number) => JSON.stringify(Array.from({ length: values }, () => 1));

/** How deep a value is, found the slow way. */
function levelsOf(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0;
  return 1 + Math.max(0, ...Object.values(value).map(levelsOf));
}

describe('the limits on a JSON text', () => {
  it('allow the last level and value and refuse the next', () => {
    expect(exceededLimit(nested(MOST_LEVELS))).toBeUndefined();
    expect(exceededLimit(nested(MOST_LEVELS + 1))).toBe('levels');
    expect(exceededLimit(`${'{"a":'.repeat(MOST_LEVELS + 1)}1${'}'.repeat(MOST_LEVELS + 1)}`)).toBe('levels');
    expect(exceededLimit(many(MOST_VALUES))).toBeUndefined();
    expect(exceededLimit(many(MOST_VALUES + 1))).toBe('values');
  });

  it('count levels and not brackets: many small arrays in a row are flat', () => {
    expect(exceededLimit(`[${Array.from({ length: 1_000 }, () => '[[]]').join()}]`)).toBeUndefined();
  });

  it('do not look into texts, whatever is escaped in them', () => {
    for (const text of [
      '['.repeat(500),
      '\\"['.repeat(500),
      `${'\\'.repeat(7)}"{`.repeat(500),
      ','.repeat(50_000),
    ]) {
      expect(exceededLimit(JSON.stringify({ [text]: text, last: [1] }))).toBeUndefined();
    }
    expect(
      exceededLimit(JSON.stringify(['\\', '"', nested(9)]).replace(/]$/, `,${nested(MOST_LEVELS)}]`)),
    ).toBe('levels');
  });

  it('agree with the parsed value on its levels', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), fc.integer({ min: 0, max: 60 }), (value, around) => {
        const text = `${'['.repeat(around)}${JSON.stringify(value)}${']'.repeat(around)}`;
        expect(exceededLimit(text)).toBe(levelsOf(value) + around > MOST_LEVELS ? 'levels' : undefined);
      }),
    );
  });

  it('come to an end on text that is no JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', '\\', '[', ']', '{', '}', ',', 'a') }), (text) => {
        expect(['levels', undefined]).toContain(exceededLimit(text));
      }),
    );
  });
});
