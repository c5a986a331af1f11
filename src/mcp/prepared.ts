/** A catalogue made ready: look-up maps, capabilities and the JSON text of every list. */
import type { CacheHint, ServerCapabilities } from '@modelcontextprotocol/server';
import type {
  Catalogue,
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
} from './catalogue.js';
import type { Era } from './revisions.js';

/** A list result whose entries are serialised already. */
export interface ReadyList {
  readonly member: 'tools' | 'prompts' | 'resources' | 'resourceTemplates';
  readonly json: string;
}

export interface PreparedCatalogue {
  readonly catalogue: Catalogue;
  readonly capabilities: Readonly<Record<Era, ServerCapabilities>>;
  readonly instructions: string;
  /** Those that the caller may see and call. */
  readonly tools: ReadonlyMap<string, ToolDefinition>;
  /** Names of all tools there are, for telling an overstepped scope from a mistyped name. */
  readonly allTools: ReadonlySet<string>;
  readonly prompts: ReadonlyMap<string, PromptDefinition>;
  readonly resources: ReadonlyMap<string, ResourceDefinition>;
  /** By method name. */
  readonly lists: ReadonlyMap<string, ReadyList>;
}

/** What one key may see is private to it; a minute is short enough for a changed key to show soon. */
export const LIST_CACHE_HINT: CacheHint = { ttlMs: 60_000, cacheScope: 'private' };

/** What is the same for every caller. */
export type SharedCatalogue = Omit<PreparedCatalogue, 'instructions' | 'tools' | 'allTools'>;

export function prepareShared(catalogue: Catalogue): SharedCatalogue {
  const { prompts, resources, resourceTemplates } = catalogue;
  const lists = new Map<string, ReadyList>();
  if (prompts !== undefined) {
    lists.set('prompts/list', { member: 'prompts', json: JSON.stringify(prompts.map(describePrompt)) });
  }
  if (resources !== undefined || resourceTemplates !== undefined) {
    lists.set('resources/list', {
      member: 'resources',
      json: JSON.stringify((resources ?? []).map(describeResource)),
    });
    lists.set('resources/templates/list', {
      member: 'resourceTemplates',
      json: JSON.stringify((resourceTemplates ?? []).map(describeTemplate)),
    });
  }
  const capabilities: ServerCapabilities = {
    tools: {},
    ...(prompts === undefined ? {} : { prompts: {} }),
    ...(resources === undefined && resourceTemplates === undefined ? {} : { resources: {} }),
    ...catalogue.extraCapabilities,
  };
  return {
    catalogue,
    capabilities: { modern: capabilities, legacy: { ...capabilities, ...catalogue.legacyCapabilities } },
    prompts: new Map((prompts ?? []).map((prompt) => [prompt.name, prompt])),
    resources: new Map((resources ?? []).map((resource) => [resource.uri, resource])),
    lists,
  };
}

/** One entry of `tools/list`. */
export const toolJson = ({
  name,
  title,
  description,
  inputSchema,
  outputSchema,
  annotations,
}: ToolDefinition): string =>
  JSON.stringify({ name, title, description, inputSchema, outputSchema, annotations });

const describePrompt = ({ name, description, arguments: args }: PromptDefinition) => ({
  name,
  description,
  arguments: args,
});

const describeResource = ({ uri, name, mimeType }: ResourceDefinition) => ({ uri, name, mimeType });

const describeTemplate = ({ uriTemplate, name, mimeType }: ResourceTemplateDefinition) => ({
  uriTemplate,
  name,
  mimeType,
});
