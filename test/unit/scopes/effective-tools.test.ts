import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import {
  effectiveTools,
  type Narrowing,
  NO_NARROWING,
  type ToolScope,
} from '../../../src/mcp/scopes/effective-tools.js';
import { type ScopeCase, scopeCase, scopedCatalogue } from '../../support/scope-cases.js';

/** One letter a tool: lower case reads, upper case writes. */
const catalogue = {
  toolsets: [{ name: 'default' }, { name: 'items' }, { name: 'empty' }, { name: 'admin', ownersOnly: true }],
  tools: [
    { name: 'd', toolset: 'default', readOnly: true },
    { name: 'D', toolset: 'default', readOnly: false },
    { name: 'i', toolset: 'items', readOnly: true },
    { name: 'I', toolset: 'items', readOnly: false },
    { name: 'A', toolset: 'admin', readOnly: false },
  ],
};

const scope = (change: Partial<ToolScope> = {}): ToolScope => ({
  toolsets: 'standard',
  exclude: [],
  readOnly: false,
  ...change,
});
const narrowed = (change: Partial<Narrowing> = {}): Narrowing => ({ ...NO_NARROWING, ...change });
const both = ['default', 'items'];

/** The letters that are left, or the code of the error. */
function verdict(key: ToolScope, role: 'agent' | 'owner', request: Narrowing): string {
  try {
    return effectiveTools(key, role, request, catalogue)
      .map(({ name }) => name)
      .join('');
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown.code;
    throw thrown;
  }
}

type Row = [what: string, key: Partial<ToolScope>, request: Partial<Narrowing>, agent: string, owner: string];

const TABLE: readonly Row[] = [
  ['a key without limits', {}, {}, 'dD', 'dDA'],
  ['a key of named toolsets', { toolsets: both }, {}, 'dDiI', 'dDiI'],
  ['a key without the default', { toolsets: ['items'] }, {}, 'iI', 'iI'],
  ['a key of no toolset', { toolsets: [] }, {}, '', ''],
  ['a key of a toolset without tools', { toolsets: ['empty'] }, {}, '', ''],
  ['a key that names the owners’ toolset', { toolsets: ['default', 'admin'] }, {}, 'dD', 'dDA'],

  ['a read-only key', { toolsets: both, readOnly: true }, {}, 'di', 'di'],
  ['a read-only request', { toolsets: both }, { readOnly: true }, 'di', 'di'],
  ['read-only twice', { readOnly: true }, { readOnly: true }, 'd', 'd'],
  [
    'read-only against a toolset asked for',
    { toolsets: both, readOnly: true },
    { toolsets: both },
    'di',
    'di',
  ],
  ['read-only against the owners’ toolset', {}, { toolsets: ['default'], readOnly: true }, 'd', 'd'],

  ['a key that excludes a tool', { exclude: ['D'] }, {}, 'd', 'dA'],
  ['a key that excludes a toolset', { exclude: ['default'] }, {}, '', 'A'],
  ['exclusion against inclusion in a key', { toolsets: both, exclude: ['items'] }, {}, 'dD', 'dD'],
  ['a request that excludes a tool', {}, { exclude: ['d'] }, 'D', 'DA'],
  ['a request that excludes a toolset', { toolsets: both }, { exclude: ['items'] }, 'dD', 'dD'],
  [
    'exclusion against inclusion in a request',
    { toolsets: both },
    { toolsets: ['items'], exclude: ['items'] },
    '',
    '',
  ],
  ['exclusion of what the key lacks', {}, { exclude: ['i', 'items'] }, 'dD', 'dDA'],
  ['exclusion in both', { toolsets: both, exclude: ['d'] }, { exclude: ['i'] }, 'DI', 'DI'],
  ['exclusion with read-only', { toolsets: both, exclude: ['d'] }, { readOnly: true }, 'i', 'i'],

  ['a request for one toolset of two', { toolsets: both }, { toolsets: ['items'] }, 'iI', 'iI'],
  [
    'a request for a toolset without tools',
    { toolsets: ['default', 'empty'] },
    { toolsets: ['empty'] },
    '',
    '',
  ],
  ['a request beyond the key', {}, { toolsets: ['items'] }, 'forbidden', 'forbidden'],
  ['a request partly beyond the key', {}, { toolsets: both }, 'forbidden', 'forbidden'],
  [
    'a request for what the key excludes',
    { toolsets: both, exclude: ['items'] },
    { toolsets: both },
    'forbidden',
    'forbidden',
  ],
  ['a request for the owners’ toolset', {}, { toolsets: ['admin'] }, 'forbidden', 'A'],
  [
    'the same where an agent key names it',
    { toolsets: ['admin'] },
    { toolsets: ['admin'] },
    'forbidden',
    'A',
  ],
  [
    'an owner key that excludes its own toolset',
    { exclude: ['admin'] },
    { toolsets: ['admin'] },
    'forbidden',
    'forbidden',
  ],

  [
    'an unknown toolset in a request',
    {},
    { toolsets: ['everything'] },
    'invalid_argument',
    'invalid_argument',
  ],
  ['a tool where a toolset belongs', {}, { toolsets: ['d'] }, 'invalid_argument', 'invalid_argument'],
  ['an unknown name excluded', {}, { exclude: ['x'] }, 'invalid_argument', 'invalid_argument'],
  ['a name in another case', {}, { exclude: ['Default'] }, 'invalid_argument', 'invalid_argument'],
  ['a name of every object', {}, { exclude: ['constructor'] }, 'invalid_argument', 'invalid_argument'],
  ['an unknown toolset in a key', { toolsets: ['default', 'x'] }, {}, 'forbidden', 'forbidden'],
  ['an unknown exclusion in a key', { exclude: ['x'] }, {}, 'forbidden', 'forbidden'],
];

describe('the tools that are left', () => {
  it.each(TABLE)('%s', (_what, key, request, agent, owner) => {
    expect(verdict(scope(key), 'agent', narrowed(request))).toBe(agent);
    expect(verdict(scope(key), 'owner', narrowed(request))).toBe(owner);
  });
});

describe('an error', () => {
  const failure = (key: ToolScope, request: Narrowing): AppError => {
    try {
      effectiveTools(key, 'agent', request, catalogue);
    } catch (thrown) {
      if (thrown instanceof AppError) return thrown;
    }
    throw new Error('it did not fail');
  };

  it('names what is unknown and everything that is known', () => {
    const toolset = failure(scope(), narrowed({ toolsets: ['nothing'] }));
    expect(toolset).toMatchObject({
      field: 'toolsets',
      hint: expect.stringContaining('default, items, empty, admin'),
    });
    expect(toolset.message).toContain('nothing');
    const excluded = failure(scope(), narrowed({ exclude: ['nothing'] }));
    expect(excluded).toMatchObject({ field: 'exclude', hint: expect.stringContaining('d, D, i, I, A') });
    expect(excluded.hint).toContain('default, items, empty, admin');
  });

  it('says what the key may use where a request goes beyond it', () => {
    const error = failure(scope({ toolsets: both, exclude: ['default'] }), narrowed({ toolsets: ['empty'] }));
    expect(error.message).toContain('may not use "empty"');
    expect(error.hint).toContain('It may use: items.');
  });
});

/** The rule once more, in other words: what must hold of every tool that is left, and of every one that is not. */
function mayBeUsed(
  { role, scope: key, narrowing }: ScopeCase,
  tool: (typeof scopedCatalogue.tools)[number],
): boolean {
  const isAdmin = tool.toolset === 'admin';
  if (isAdmin && role === 'agent') return false;
  for (const { exclude, readOnly } of [key, narrowing]) {
    if (readOnly && !tool.readOnly) return false;
    if (exclude.some((name) => name === tool.name || name === tool.toolset)) return false;
  }
  const inKey =
    key.toolsets === 'standard' ? tool.toolset === 'default' || isAdmin : key.toolsets.includes(tool.toolset);
  return inKey && (narrowing.toolsets === undefined || narrowing.toolsets.includes(tool.toolset));
}

describe('10,000 random scopes and requests', () => {
  it('leave exactly the tools that the rule allows, or are refused', () => {
    let verdicts = 0;
    fc.assert(
      fc.property(scopeCase, (each) => {
        let left: readonly { readonly name: string }[];
        try {
          left = effectiveTools(each.scope, each.role, each.narrowing, scopedCatalogue);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(AppError);
          return;
        }
        verdicts += 1;
        const allowed = scopedCatalogue.tools.filter((tool) => mayBeUsed(each, tool));
        expect(left).toEqual(allowed);
        const without = effectiveTools(each.scope, each.role, NO_NARROWING, scopedCatalogue);
        expect(without).toEqual(expect.arrayContaining([...left]));
      }),
      { numRuns: 10_000 },
    );
    expect(verdicts).toBeGreaterThan(3_000);
  });
});
