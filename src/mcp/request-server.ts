/**
 * The SDK's low-level server for one request. It is cheap because nothing in it is derived: lists, capabilities and
 * the validator come ready made, and only the method asked for is installed. It is never shared between requests,
 * since a shared server mixes up clients' answers.
 */
import { type jsonSchemaValidator, Server, type ServerContext } from '@modelcontextprotocol/server';
import type { Waits } from '../telemetry/waits.js';
import type { Principal } from '../tenancy/principal.js';
import { callContext } from './call-context.js';
import type { ToolCallObserver } from './call-tool.js';
import type { CallContext } from './catalogue.js';
import type { Deadline } from './deadline.js';
import type { InboundMessage } from './leg.js';
import { METHODS } from './methods.js';
import { LIST_CACHE_HINT, type PreparedCatalogue } from './prepared.js';
import { type Era, LEGACY_REVISIONS, MODERN_REVISION } from './revisions.js';

/** A caller reached for something that exists, but not for its key. */
export interface ScopeViolation {
  readonly kind: 'tool' | 'toolset';
  /** Of what was called or asked for; several toolsets have commas between them. */
  readonly name: string;
  readonly principal: Principal;
  readonly requestId: string;
}

export interface ServerSettings {
  /** As this caller sees it. */
  readonly prepared: PreparedCatalogue;
  readonly validator: jsonSchemaValidator;
  readonly observe: ToolCallObserver;
  readonly waits: Pick<Waits, 'open'>;
  readonly onScopeViolation: (violation: ScopeViolation) => void;
  /** Aborts when the server begins to shut down. */
  readonly draining: AbortSignal;
  readonly onError: (error: Error, requestId: string) => void;
}

/** What a method handler has at hand. */
export interface MethodScope {
  readonly prepared: PreparedCatalogue;
  readonly observe: ToolCallObserver;
  readonly waits: Pick<Waits, 'open'>;
  /** Tells of a call of a tool that this caller may not know of. */
  refused(tool: string): void;
  context(ctx: ServerContext): CallContext;
}

/** @param deadline of this call */
export function createRequestServer(
  settings: ServerSettings,
  era: Era,
  inbound: InboundMessage,
  method: string,
  deadline: Deadline,
): Server {
  const { catalogue, capabilities, instructions } = settings.prepared;
  const { openRequestState } = catalogue;
  const server = new Server(
    { ...catalogue.serverInfo },
    {
      capabilities: capabilities[era],
      instructions,
      jsonSchemaValidator: settings.validator,
      supportedProtocolVersions: era === 'modern' ? [MODERN_REVISION] : [...LEGACY_REVISIONS],
      cacheHints: CACHE_HINTS,
      inputRequired: { legacyShim: false },
      ...(openRequestState === undefined ? {} : { requestState: { verify: openRequestState } }),
    },
  );
  server.onerror = (error) => settings.onError(error, inbound.requestId);
  METHODS.get(method)?.(server, {
    prepared: settings.prepared,
    observe: settings.observe,
    waits: settings.waits,
    refused: (tool) => {
      const { principal, requestId } = inbound;
      settings.onScopeViolation({ kind: 'tool', name: tool, principal, requestId });
    },
    context: (ctx) => callContext(ctx, inbound, era, deadline, settings.draining),
  });
  const extra = catalogue.extraHandlers?.[method];
  if (extra !== undefined) server.fallbackRequestHandler = async () => extra();
  return server;
}

const CACHE_HINTS = {
  'server/discover': LIST_CACHE_HINT,
  'tools/list': LIST_CACHE_HINT,
  'prompts/list': LIST_CACHE_HINT,
  'resources/list': LIST_CACHE_HINT,
  'resources/templates/list': LIST_CACHE_HINT,
  'resources/read': LIST_CACHE_HINT,
};
