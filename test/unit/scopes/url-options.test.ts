import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { parseUrlOptions } from '../../../src/http/url-options.js';

function failure(url: string): AppError {
  try {
    parseUrlOptions(url);
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
  throw new Error(`${url} was accepted`);
}

const NOTHING = { toolsets: undefined, exclude: [], readOnly: false };

describe('an address', () => {
  it.each([
    ['/mcp', { store: undefined, narrowing: NOTHING }],
    ['/mcp?', { store: undefined, narrowing: NOTHING }],
    ['/mcp/10001', { store: '10001', narrowing: NOTHING }],
    ['/mcp/My%20store', { store: 'My store', narrowing: NOTHING }],
    ['/mcp/a%2Fb%3Fc', { store: 'a/b?c', narrowing: NOTHING }],
    ['/mcp/Caf%C3%A9', { store: 'Café', narrowing: NOTHING }],
    ['/mcp?readonly=true', { store: undefined, narrowing: { ...NOTHING, readOnly: true } }],
    ['/mcp?toolsets=items', { store: undefined, narrowing: { ...NOTHING, toolsets: ['items'] } }],
    [
      '/mcp/x?exclude=b%2Ca&toolsets=default,items&readonly=true',
      { store: 'x', narrowing: { toolsets: ['default', 'items'], exclude: ['b', 'a'], readOnly: true } },
    ],
  ])('%s is understood', (url, options) => {
    expect(parseUrlOptions(url)).toEqual(options);
  });

  it.each([
    ['readonly', '?readonly=ture', '?readonly=1', '?readonly=false', '?readonly=TRUE', '?readonly=true%20'],
    [
      'readonly',
      '?readonly',
      '?readonly=',
      '?readonly=true&readonly=true',
      '?toolsets=items&readonly=true#x',
    ],
    [
      'toolsets',
      '?toolsets=',
      '?toolsets=a,',
      '?toolsets=,a',
      '?toolsets=a,,b',
      '?toolsets=a b',
      '?toolsets=a+b',
    ],
    [
      'toolsets',
      '?toolsets=a&toolsets=a',
      '?toolsets=a&readonly=true&toolsets=b',
      '?toolsets=%ff',
      '?toolsets=%',
    ],
    [
      'toolsets',
      `?toolsets=${'a'.repeat(65)}`,
      `?toolsets=${Array(51).fill('a').join(',')}`,
      '?toolsets=a%00',
    ],
    [
      'exclude',
      '?exclude=',
      '?exclude=list_orders;get_order',
      '?exclude=%27',
      '?exclude=a=b',
      '?exclude=__proto__',
    ],
    ['store', '/', '/%20', '/a/b', '/a/', '//', `/${'x'.repeat(201)}`, '/%E0%A4%A', '/%'],
  ])('is refused with the parameter %s named', (parameter, ...endings) => {
    for (const ending of endings) {
      const error = failure(`/mcp${ending}`);
      expect({ ending, code: error.code, field: error.field }).toEqual({
        ending,
        code: 'invalid_argument',
        field: parameter,
      });
      expect(error.message).toContain(parameter);
      expect(error.hint).toMatch(/\w{4}/);
    }
  });

  it.each([
    '?readOnly=true',
    '?toolset=items',
    '?x=1',
    '?&readonly=true',
    '?readonly=true&',
    '?=true',
    '?%',
    '?__proto__=1',
  ])('with the unknown parameter of %s is refused, with the known ones named', (query) => {
    const error = failure(`/mcp${query}`);
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toMatch(/Unknown parameter/);
    expect(error.hint).toContain('toolsets, exclude, readonly');
  });

  it('that is too long is refused', () => {
    expect(failure(`/mcp?exclude=${'a,'.repeat(1_000)}a`).message).toMatch(/longer than/);
  });

  it.each(['/mcpx', '/mcp#readonly=true', '/%6dcp', 'http://localhost/mcp?readonly=true', '*', ''])(
    '%s in another form is not taken for one without options',
    (url) => {
      expect(failure(url).code).toBe('route_not_found');
    },
  );

  it('whatever it holds, is understood as it was meant or refused', () => {
    const mention = fc.tuple(fc.constantFrom('readonly', 'exclude', 'toolsets', 'store'), fc.string());
    fc.assert(
      fc.property(fc.array(mention, { maxLength: 4 }), (mentions) => {
        const query = mentions.map(([name, value]) => `${name}=${value}`).join('&');
        let options: ReturnType<typeof parseUrlOptions>;
        try {
          options = parseUrlOptions(`/mcp?${query}`);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(AppError);
          return;
        }
        for (const name of ['toolsets', 'exclude', 'readonly'] as const) {
          const asked = mentions.some(([mentioned]) => mentioned === name);
          const { toolsets, exclude, readOnly } = options.narrowing;
          expect(
            { toolsets: toolsets !== undefined, exclude: exclude.length > 0, readonly: readOnly }[name],
          ).toBe(asked);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
