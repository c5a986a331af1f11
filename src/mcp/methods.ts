/** What each protocol method does with a prepared catalogue. Methods that are not here are the SDK's or nobody's. */
import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type Server,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { callTool, callUnknown } from './call-tool.js';
import type { MethodScope } from './request-server.js';

type Install = (server: Server, scope: MethodScope) => void;

const listParams = z.looseObject({ cursor: z.string().optional() });
const readParams = z.looseObject({ uri: z.string() });
const promptParams = z.looseObject({
  name: z.string(),
  arguments: z.record(z.string(), z.string()).optional(),
});

const invalidParams = (message: string) => new ProtocolError(ProtocolErrorCode.InvalidParams, message);

/** A name as somebody sent it, fit to be quoted back: bounded, without control characters. */
const quoted = (name: string): string => JSON.stringify(name.slice(0, 80));

/** Lists have one page; the entries themselves are added where the reply is written. */
const list =
  (method: string): Install =>
  (server, { prepared }) => {
    const ready = prepared.lists.get(method);
    if (ready === undefined) return;
    server.setRequestHandler(method, { params: listParams }, async ({ cursor }) => {
      if (cursor !== undefined) throw invalidParams('Invalid cursor: this list has one page. Leave it out.');
      return { [ready.member]: [] };
    });
  };

/** A tool outside the caller's scope is answered as one that does not exist. */
const call: Install = (server, { prepared, observe, waits, refused, context }) => {
  server.setRequestHandler('tools/call', async ({ params }, ctx) => {
    const tool = prepared.tools.get(params.name);
    if (tool === undefined) {
      if (prepared.allTools.has(params.name)) refused(params.name);
      callUnknown(context(ctx), observe, waits);
      throw invalidParams(`Unknown tool ${quoted(params.name)}. tools/list names the tools of this key.`);
    }
    return callTool(tool, params.arguments, context(ctx), observe, waits);
  });
};

const getPrompt: Install = (server, { prepared, context }) => {
  if (prepared.prompts.size === 0) return;
  server.setRequestHandler('prompts/get', { params: promptParams }, async (params, ctx) => {
    const prompt = prepared.prompts.get(params.name);
    if (prompt === undefined) throw invalidParams(`Unknown prompt ${quoted(params.name)}.`);
    return prompt.get(params.arguments ?? {}, context(ctx));
  });
};

const readResource: Install = (server, { prepared }) => {
  if (!prepared.lists.has('resources/list')) return;
  server.setRequestHandler('resources/read', { params: readParams }, async ({ uri }) => {
    const resource = prepared.resources.get(uri);
    if (resource !== undefined) return resource.read();
    for (const template of prepared.catalogue.resourceTemplates ?? []) {
      const contents = await template.read(uri);
      if (contents !== undefined) return contents;
    }
    throw new ResourceNotFoundError(uri);
  });
};

export const METHODS: ReadonlyMap<string, Install> = new Map([
  ['tools/list', list('tools/list')],
  ['tools/call', call],
  ['prompts/list', list('prompts/list')],
  ['prompts/get', getPrompt],
  ['resources/list', list('resources/list')],
  ['resources/templates/list', list('resources/templates/list')],
  ['resources/read', readResource],
]);
