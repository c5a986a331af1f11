import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../../src/mcp/catalogue.js';
import { NO_NARROWING } from '../../../src/mcp/scopes/effective-tools.js';
import { createSelections } from '../../../src/mcp/scopes/selections.js';
import { toStoreRowId } from '../../../src/tenancy/ids.js';
import type { Scope } from '../../../src/tenancy/principal.js';
import { anybody } from '../../support/bare-server.js';
import { scopeCatalogue, TOOL_NAMES } from '../../support/scope-cases.js';
import { EVERYTHING } from '../../support/scopes.js';

const somebody = await anybody.authenticate(undefined);
const withScope = (change: Partial<Scope>) => ({ ...somebody, scope: { ...EVERYTHING, ...change } });
const STORES = ['01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002'].map(
  toStoreRowId,
);

const bound: Catalogue = {
  ...scopeCatalogue,
  forOneStore: {
    instructions: 'one store',
    tools: scopeCatalogue.tools.map((tool) => ({ ...tool, description: `${tool.description}, bound` })),
  },
};

describe('the catalogue as a caller sees it', () => {
  it('is put together once for all callers with the same tools, however they came to them', () => {
    const selections = createSelections(scopeCatalogue);
    const first = selections.of(withScope({}), NO_NARROWING);
    expect(selections.of(withScope({ toolsets: ['default'] }), NO_NARROWING)).toBe(first);
    expect(
      selections.of(withScope({ toolsets: ['items', 'default'], exclude: ['items'] }), NO_NARROWING),
    ).toBe(first);
    const reads = selections.of(withScope({ readOnly: true }), NO_NARROWING);
    expect(selections.of(withScope({}), { ...NO_NARROWING, readOnly: true })).toBe(reads);
    expect(reads).not.toBe(first);
  });

  it('is kept for a bounded number of selections only', () => {
    const selections = createSelections(scopeCatalogue);
    const first = selections.of(withScope({}), NO_NARROWING);
    for (let pick = 1; pick < 400; pick += 1) {
      const exclude = TOOL_NAMES.filter((_, place) => (pick >> (place % 9)) & 1);
      selections.of(withScope({ toolsets: ['default', 'items', 'shipments'] }), { ...NO_NARROWING, exclude });
    }
    const again = selections.of(withScope({}), NO_NARROWING);
    expect(again).not.toBe(first);
    expect(again.lists.get('tools/list')).toEqual(first.lists.get('tools/list'));
  });

  it('is the variant for one store where the scope names exactly one', () => {
    const selections = createSelections(bound);
    const seen = (stores: Scope['stores']) => selections.of(withScope({ stores }), NO_NARROWING).instructions;
    expect(seen(STORES.slice(0, 1))).toBe('one store');
    expect([seen('all'), seen([]), seen(STORES)]).toEqual(['', '', '']);
  });
});

describe('a catalogue that contradicts itself stops the start', () => {
  it.each<[string, Catalogue, RegExp]>([
    ['a tool of no known toolset', { ...scopeCatalogue, toolsets: [{ name: 'default' }] }, /no toolset/],
    [
      'a variant without a tool',
      { ...bound, forOneStore: { instructions: '', tools: scopeCatalogue.tools.slice(1) } },
      /same tools/,
    ],
    [
      'a variant in which a tool that writes says that it reads',
      {
        ...bound,
        forOneStore: {
          instructions: '',
          tools: scopeCatalogue.tools.map(({ annotations, ...tool }) =>
            annotations === undefined
              ? tool
              : { ...tool, annotations: { ...annotations, readOnlyHint: true } },
          ),
        },
      },
      /same tools/,
    ],
  ])('%s', (_what, catalogue, message) => {
    expect(() => createSelections(catalogue)).toThrow(message);
  });
});
