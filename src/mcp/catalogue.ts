/**
 * What an MCP endpoint offers, as a plain value. The protocol leg takes a catalogue as an argument, so that the
 * product and the conformance fixture mount through the very same code. Schemas are JSON Schema 2020-12, ready made:
 * nothing is converted after start-up.
 */
import type {
  CallToolResult,
  GetPromptResult,
  InputRequiredResult,
  ReadResourceResult,
  ServerCapabilities,
} from '@modelcontextprotocol/server';
import type { TraceContext } from '../telemetry/trace-context.js';
import type { Principal } from '../tenancy/principal.js';

export type JsonObject = { readonly [key: string]: unknown };

/** One call as a handler sees it. Lives as long as the exchange; never kept. */
export interface CallContext {
  readonly principal: Principal;
  /** The id of the HTTP request: in the log, the response header and `internal` errors. */
  readonly requestId: string;
  /** The trace that the client says this call belongs to: for the log alone. */
  readonly trace?: TraceContext | undefined;
  /** Aborts when the caller is gone (as its protocol revision defines that), or the deadline has passed. */
  readonly signal: AbortSignal;
  /** When the deadline passes, in milliseconds of `performance.now`: what cannot be done by then need not be begun. */
  readonly deadlineAt: number;
  /** Aborts when the server begins to shut down: what can end early with a useful answer should. */
  readonly draining: AbortSignal;
  /** Reports progress; does nothing when the client did not ask for it, or `progress` has not grown. */
  progress(progress: number, total?: number, message?: string): Promise<void>;
  /** Sends a log message to the client, where its revision and its chosen level let one through. */
  log(level: 'debug' | 'info' | 'warning' | 'error', data: unknown): Promise<void>;
  /** What the client declared it can do; unverified. */
  readonly clientCapabilities: JsonObject;
  /**
   * Name and version that the client claims, at most 200 characters; unverified. The handshake revisions tell them in
   * `initialize` alone, which is not kept: then, the `User-Agent` of the request. Absent where there is neither.
   */
  readonly client?: string | undefined;
  /** Answers to an earlier `input_required` result, by key. */
  readonly inputResponses: JsonObject;
  /** Verified state that an earlier `input_required` result carried. */
  readonly requestState: unknown;
}

export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

export interface ToolDefinition {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly outputSchema?: JsonObject;
  /** Without `readOnlyHint: true` a tool counts as one that writes. */
  readonly annotations?: ToolAnnotations;
  /** The unit in which keys are given tools; absent for `default`. */
  readonly toolset?: string;
  /** Reads so much that its calls may take longer than others, where the client asked for progress. */
  readonly scans?: boolean;
  /**
   * Takes the arguments unchecked. An AppError that it throws becomes an `isError` result; anything else thrown is
   * answered as `internal` and logged.
   */
  handle(args: unknown, ctx: CallContext): Promise<CallToolResult | InputRequiredResult>;
}

export interface ResourceDefinition {
  readonly uri: string;
  readonly name: string;
  readonly mimeType: string;
  read(): Promise<ReadResourceResult>;
}

export interface ResourceTemplateDefinition {
  readonly uriTemplate: string;
  readonly name: string;
  readonly mimeType: string;
  /** `undefined` where the URI is not one of this template's. */
  read(uri: string): Promise<ReadResourceResult | undefined>;
}

export interface PromptDefinition {
  readonly name: string;
  readonly description: string;
  readonly arguments?: readonly { readonly name: string; readonly required: boolean }[];
  get(
    args: Readonly<Record<string, string>>,
    ctx: CallContext,
  ): Promise<GetPromptResult | InputRequiredResult>;
}

export interface Toolset {
  readonly name: string;
  /** Only for the owner keys of a tenant, whatever the scope of another key says. */
  readonly ownersOnly?: boolean;
}

export interface Catalogue {
  readonly serverInfo: { readonly name: string; readonly title?: string; readonly version: string };
  /** At most 1,500 characters: what a model must know before its first call. */
  readonly instructions: string;
  readonly tools: readonly ToolDefinition[];
  /** Every toolset there is, also those without a tool so far; absent for `default` alone. */
  readonly toolsets?: readonly Toolset[];
  /** What stands in the place of these for a caller bound to one store: the same tools without the choice of a store. */
  readonly forOneStore?: Pick<Catalogue, 'instructions' | 'tools'>;
  readonly resources?: readonly ResourceDefinition[];
  readonly resourceTemplates?: readonly ResourceTemplateDefinition[];
  readonly prompts?: readonly PromptDefinition[];
  /** Declared to clients beyond what the members above imply, such as `logging`. */
  readonly extraCapabilities?: ServerCapabilities;
  /** Declared to clients of the handshake revisions only: 2026-07-28 has other means for the same. */
  readonly legacyCapabilities?: ServerCapabilities;
  /** Further methods by name, for a catalogue that declares more than lists, reads and calls. */
  readonly extraHandlers?: Readonly<Record<string, () => JsonObject>>;
  /** Opens the opaque state that a client echoes after an `input_required` result; throws when it was tampered with. */
  readonly openRequestState?: (state: string) => Promise<unknown>;
}
