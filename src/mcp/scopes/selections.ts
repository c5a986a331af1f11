/**
 * The catalogue as one caller sees it. Every tool is described once, at start-up, in each variant that exists; what a
 * caller gets is put together from those strings and kept, so that callers with the same tools share one list.
 */
import { LRUCache } from 'lru-cache';
import type { Principal } from '../../tenancy/principal.js';
import type { Catalogue, ToolDefinition } from '../catalogue.js';
import { type PreparedCatalogue, prepareShared, toolJson } from '../prepared.js';
import { DEFAULT_TOOLSET, effectiveTools, type Narrowing, type ScopedTool } from './effective-tools.js';

export interface Selections {
  /** @throws AppError as `effectiveTools` does */
  of(principal: Principal, narrowing: Narrowing): PreparedCatalogue;
}

/** Distinct selections that are kept; a list of all tools has some 40,000 characters. */
const SELECTIONS_HELD = 128;

interface Variant {
  readonly instructions: string;
  readonly tools: ReadonlyMap<string, { readonly definition: ToolDefinition; readonly json: string }>;
}

/** @throws Error for a catalogue that contradicts itself */
export function createSelections(catalogue: Catalogue): Selections {
  const shared = prepareShared(catalogue);
  const toolsets = catalogue.toolsets ?? [{ name: DEFAULT_TOOLSET }];
  const tools = catalogue.tools.map(scopedTool);
  for (const { name, toolset } of tools) {
    if (!toolsets.some((known) => known.name === toolset)) throw new Error(`${name}: no toolset ${toolset}`);
  }
  const variants = {
    'any store': variantOf(catalogue, tools),
    'one store': variantOf(catalogue.forOneStore ?? catalogue, tools),
  };
  const allTools = new Set(tools.map(({ name }) => name));
  const held = new LRUCache<string, PreparedCatalogue>({ max: SELECTIONS_HELD });
  return {
    of({ scope, role }, narrowing) {
      const names = effectiveTools(scope, role, narrowing, { toolsets, tools }).map(({ name }) => name);
      const binding = scope.stores !== 'all' && scope.stores.length === 1 ? 'one store' : 'any store';
      const key = `${binding}: ${names.join(' ')}`;
      const known = held.get(key);
      if (known !== undefined) return known;
      const selected = { ...shared, allTools, ...select(variants[binding], names, shared.lists) };
      held.set(key, selected);
      return selected;
    },
  };
}

function select(variant: Variant, names: readonly string[], lists: PreparedCatalogue['lists']) {
  const chosen = names.flatMap((name) => variant.tools.get(name) ?? []);
  const json = `[${chosen.map((tool) => tool.json).join(',')}]`;
  return {
    instructions: variant.instructions,
    tools: new Map(chosen.map(({ definition }) => [definition.name, definition])),
    lists: new Map([...lists, ['tools/list', { member: 'tools' as const, json }]]),
  };
}

const scopedTool = ({ name, toolset = DEFAULT_TOOLSET, annotations }: ToolDefinition): ScopedTool => ({
  name,
  toolset,
  readOnly: annotations?.readOnlyHint === true,
});

/** A variant must have the same tools: the verdict is made on one and served from the other. */
function variantOf(
  { instructions, tools }: Pick<Catalogue, 'instructions' | 'tools'>,
  verdicts: readonly ScopedTool[],
): Variant {
  if (JSON.stringify(tools.map(scopedTool)) !== JSON.stringify(verdicts)) {
    throw new Error('the catalogue for one store must have the same tools');
  }
  const ready = tools.map((definition) => ({ definition, json: toolJson(definition) }));
  return { instructions, tools: new Map(ready.map((tool) => [tool.definition.name, tool])) };
}
