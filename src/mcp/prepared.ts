/** A catalogue made ready once, at start-up: look-up maps, capabilities and the JSON text of every list. */
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
  readonly tools: ReadonlyMap<string, ToolDefinition>;
  readonly prompts: ReadonlyMap<string, PromptDefinition>;
  readonly resources: ReadonlyMap<string, ResourceDefinition>;
  /** By method name. */
  readonly lists: ReadonlyMap<string, ReadyList>;
}

/** What one key may see is private to it; a minute is short enough for a changed key to show soon. */
export const LIST_CACHE_HINT: CacheHint = { ttlMs: 60_000, cacheScope: 'private' };

export function prepareCatalogue(catalogue: Catalogue): PreparedCatalogue {
  const { tools, prompts, resources, resourceTemplates } = catalogue;
  const lists = new Map<string, ReadyList>([
    ['tools/list', { member: 'tools', json: JSON.stringify(tools.map(describeTool)) }],
  ]);
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
    tools: new Map(tools.map((tool) => [tool.name, tool])),
    prompts: new Map((prompts ?? []).map((prompt) => [prompt.name, prompt])),
    resources: new Map((resources ?? []).map((resource) => [resource.uri, resource])),
    lists,
  };
}

const describeTool = ({
  name,
  title,
  description,
  inputSchema,
  outputSchema,
  annotations,
}: ToolDefinition) => ({
  name,
  title,
  description,
  inputSchema,
  outputSchema,
  annotations,
});

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
