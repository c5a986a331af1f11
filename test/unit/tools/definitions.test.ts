/** What every definition must say about itself, and what all of them may cost a model. Tokens are characters / 4. */
import { describe, expect, it } from 'vitest';
import { BOUNDS, costOf, costOfAll } from '../../../scripts/tools-doc/tokens.mjs';
import { makeCatalogue } from '../../../src/tools/index.js';
import { lintDefinition } from './support/definition-lint.js';
import { gatewayOf, InMemoryStore } from './support/gateway.js';
import { toolDeps } from './support/ports.js';
import { descriptionOf, membersOf, propertiesOf } from './support/schema-members.js';

const { tools, instructions, forOneStore } = makeCatalogue(toolDeps(gatewayOf(new InMemoryStore())));
const boundTools = forOneStore?.tools ?? [];
const names = tools.map(({ name }) => name);
const byDefault = tools.filter(({ toolset }) => toolset === 'default');

/** Tools that read stores have this part of the budget; the rest is for those that write, and for the list of what they did. */
const READS = { all: 3_400, allWithOutput: 6_750 };
const reads = byDefault.filter(
  ({ name, annotations }) => annotations?.readOnlyHint === true && name !== 'list_changes',
);

/** What is not asked of one store. */
const WITHOUT_STORE = ['list_stores', 'undo_change'];

describe.each([
  ['for a caller who names the store', tools],
  ['for a caller bound to one store', boundTools],
])('the definitions %s', (_caller, definitions) => {
  it.each(definitions)('of $name have no fault', (tool) => {
    expect(lintDefinition(tool, names)).toEqual([]);
  });

  it.each(definitions)(`of $name costs at most ${BOUNDS.one} tokens`, (tool) => {
    expect(costOf(tool).without).toBeLessThanOrEqual(BOUNDS.one);
  });
});

describe('the catalogue', () => {
  it('differs for a caller bound to one store by the choice of stores alone', () => {
    expect(boundTools.map(({ name }) => name)).toEqual(names);
    for (const [index, { inputSchema, ...tool }] of tools.entries()) {
      const bound = boundTools[index];
      const { store, stores: _several, ...rest } = Object.fromEntries(propertiesOf(inputSchema));
      expect(store === undefined).toBe(WITHOUT_STORE.includes(tool.name));
      expect(Object.fromEntries(propertiesOf(bound?.inputSchema))).toEqual(rest);
      expect(bound).toMatchObject({ name: tool.name, description: tool.description, toolset: tool.toolset });
    }
  });

  it('marks text that customers wrote', () => {
    const marked = new Set(
      tools.flatMap(({ outputSchema }) =>
        membersOf(outputSchema)
          .filter(([, schema]) => /untrusted text/i.test(descriptionOf(schema)))
          .map(([path]) => path),
      ),
    );
    // Of an order, the whole: what is marked above holds for every text below.
    for (const path of [
      'rows',
      'rows.name',
      'rows.city',
      'rows.source_id',
      'rows.tracking',
      'order',
      'matches',
      'results',
    ]) {
      expect(marked).toContain(path);
    }
  });

  it('offers fifteen tools by default', () => {
    expect(byDefault.map(({ name }) => name)).toEqual([
      'list_stores',
      'get_store',
      'list_orders',
      'get_order',
      'summarize_orders',
      'find_exceptions',
      'list_inventory',
      'create_order',
      'update_order',
      'move_orders',
      'add_order_note',
      'add_shipments',
      'update_inventory',
      'undo_change',
      'list_changes',
    ]);
  });

  it('says of every write whether it destroys, and whether it can be repeated', () => {
    const hints = byDefault
      .filter(({ annotations }) => annotations?.readOnlyHint === false)
      .map(({ name, annotations }) => [name, annotations?.destructiveHint, annotations?.idempotentHint]);
    expect(hints).toEqual([
      ['create_order', false, false],
      ['update_order', true, true],
      ['move_orders', true, false],
      ['add_order_note', false, false],
      ['add_shipments', false, false],
      ['update_inventory', true, false],
      ['undo_change', true, true],
    ]);
  });

  it('stays within the token budget, and its reads within their part', () => {
    const lines = [
      ...tools.map((tool) => ({ name: tool.name, ...costOf(tool) })),
      { name: 'by default', ...costOfAll(byDefault) },
    ];
    process.stdout.write(
      `${lines.map(({ name, without, whole }) => `  ${name.padEnd(17)}${without} tokens, ${whole} with output schema`).join('\n')}\n`,
    );
    for (const [definitions, most] of [
      [byDefault, BOUNDS],
      [reads, READS],
    ] as const) {
      const { without, whole } = costOfAll(definitions);
      expect(without).toBeLessThanOrEqual(most.all);
      expect(whole).toBeLessThanOrEqual(most.allWithOutput);
    }
  });

  it('is the one that was agreed: a change of what models read is seen in review', () => {
    const shown = tools.map(({ name, title, description, annotations, inputSchema, outputSchema }) => ({
      name,
      title,
      description,
      annotations,
      inputSchema,
      outputSchema,
    }));
    expect({ instructions, tools: shown }).toMatchSnapshot();
  });

  it('has instructions of at most 1,500 characters', () => {
    for (const text of [instructions, forOneStore?.instructions ?? '']) {
      expect(text.length).toBeLessThanOrEqual(1500);
      for (const { name } of byDefault) expect(text).toContain(name);
    }
  });
});
