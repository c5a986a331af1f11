/** A made-up catalogue with every kind of tool, and random scopes and narrowings over it. */
import fc from 'fast-check';
import type { Catalogue, ToolDefinition } from '../../src/mcp/catalogue.js';
import type { Narrowing } from '../../src/mcp/scopes/effective-tools.js';
import type { Principal } from '../../src/tenancy/principal.js';
import { TOOLSETS } from '../../src/tools/index.js';

const TOOLSET_NAMES = TOOLSETS.map(({ name }) => name);

/** Four tools a toolset, the first two of which only read. */
const tools: readonly ToolDefinition[] = TOOLSET_NAMES.flatMap((toolset) =>
  ['list', 'get', 'update', 'delete'].map((verb, place) => ({
    name: `${verb}_${toolset}`,
    description: `${verb} of ${toolset}`,
    inputSchema: { type: 'object' },
    toolset,
    annotations: {
      readOnlyHint: place < 2,
      destructiveHint: place === 3,
      idempotentHint: true,
      openWorldHint: false,
    },
    handle: async () => ({ content: [{ type: 'text' as const, text: 'called' }] }),
  })),
);

export const scopeCatalogue: Catalogue = {
  serverInfo: { name: 'scopes', version: '0' },
  instructions: '',
  tools,
  toolsets: TOOLSETS,
};

/** The same as the pure function takes it. */
export const scopedCatalogue = {
  toolsets: TOOLSETS,
  tools: tools.map(({ name, toolset = '', annotations }) => ({
    name,
    toolset,
    readOnly: annotations?.readOnlyHint === true,
  })),
};

export const TOOL_NAMES = tools.map(({ name }) => name);

export interface ScopeCase {
  readonly role: Principal['role'];
  readonly scope: Principal['scope'];
  readonly narrowing: Narrowing;
}

const some = (names: readonly string[], most: number) =>
  fc.uniqueArray(fc.constantFrom(...names), { maxLength: most });

/** Once in a while a name that is none. */
const anyName = [...TOOL_NAMES, ...TOOL_NAMES, ...TOOLSET_NAMES, ...TOOLSET_NAMES, 'drop_tables'];
const anyToolset = [...TOOLSET_NAMES, ...TOOLSET_NAMES, ...TOOLSET_NAMES, 'everything'];

export const scopeCase: fc.Arbitrary<ScopeCase> = fc.record({
  role: fc.constantFrom('owner' as const, 'agent' as const),
  scope: fc.record({
    stores: fc.constant('all' as const),
    toolsets: fc.oneof(fc.constant('standard' as const), some(TOOLSET_NAMES, 6)),
    exclude: some([...TOOL_NAMES, ...TOOLSET_NAMES], 5),
    readOnly: fc.boolean(),
    mask: fc.boolean(),
    dailyWriteCap: fc.option(fc.integer({ min: 1 }), { nil: null }),
    confirm: fc.record({
      moves: fc.boolean(),
      deletes: fc.boolean(),
      batchesAbove: fc.option(fc.integer({ min: 0 }), { nil: null }),
    }),
  }),
  narrowing: fc.record({
    toolsets: fc.option(some(anyToolset, 2), { nil: undefined }),
    exclude: some(anyName, 3),
    readOnly: fc.boolean(),
  }),
});
