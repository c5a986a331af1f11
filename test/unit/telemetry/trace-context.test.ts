import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTraceparent } from '../../../src/telemetry/trace-context.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const GOOD = `00-${TRACE}-${SPAN}-01`;

describe('a traceparent', () => {
  it.each([GOOD, `00-${TRACE}-${SPAN}-00`, `00-${TRACE}-${SPAN}-ff`])('%s is read', (value) => {
    expect(readTraceparent(value)).toEqual({ traceId: TRACE, parentSpanId: SPAN });
  });

  it.each([
    ['another version', `01-${TRACE}-${SPAN}-01`],
    ['the version that is none', `ff-${TRACE}-${SPAN}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capitals', GOOD.toUpperCase()],
    ['more than version 00 has', `${GOOD}-extra`],
    ['a line break at its end', `${GOOD}\n`],
    ['a line break in place of a digit', `00-${TRACE.slice(1)}\n-${SPAN}-01`],
    ['spaces around it', ` ${GOOD} `],
    ['two of them, as Node joins repeated headers', `${GOOD}, ${GOOD}`],
    ['another digit for a hyphen', GOOD.replaceAll('-', '0')],
    ['JSON', `00-","level":"fatal","x":"${'a'.repeat(10)}-${SPAN}-01`],
    ['a key', `odm_live_${'a'.repeat(46)}`],
    ['nothing', ''],
    ['a number', 0],
    ['null', null],
    ['a list', [GOOD]],
    ['something with a text of its own', { toString: () => GOOD, length: GOOD.length }],
    ['a text that never ends', 'a'.repeat(1_000_000)],
  ])('that is %s is none', (_what, value) => {
    expect(readTraceparent(value)).toBeUndefined();
  });

  it('is two numbers of fixed length or nothing, whatever is sent', () => {
    const nearly = fc
      .tuple(fc.nat(GOOD.length - 1), fc.string({ minLength: 0, maxLength: 3, unit: 'binary-ascii' }))
      .map(([place, text]) => GOOD.slice(0, place) + text + GOOD.slice(place + 1));
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string({ unit: 'binary-ascii', maxLength: 60 })), (value) => {
        const read = readTraceparent(value);
        if (read === undefined) return;
        expect(`00-${read.traceId}-${read.parentSpanId}`).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}$/);
        expect(value).toContain(`${read.traceId}-${read.parentSpanId}`);
      }),
    );
  });
});
