/** The protocol leg on the official SDK: both eras, stateless, any replica can answer any request. */
import { setMaxListeners } from 'node:events';
import type { JSONRPCRequest } from '@modelcontextprotocol/server';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv';
import { AppError } from '../errors.js';
import { createWaits, type Waits } from '../telemetry/waits.js';
import type { ToolCallObserver } from './call-tool.js';
import type { Catalogue } from './catalogue.js';
import { startDeadline } from './deadline.js';
import { Exchange } from './exchange.js';
import type { InboundMessage, ProtocolLeg, Reply } from './leg.js';
import type { PreparedCatalogue } from './prepared.js';
import { createRequestServer, type ScopeViolation, type ServerSettings } from './request-server.js';
import type { Era } from './revisions.js';
import { routeMessage } from './route.js';
import { createSelections } from './scopes/selections.js';

export interface LegOptions {
  readonly catalogue: Catalogue;
  /** Milliseconds that one call may take. */
  readonly deadlineMs: number;
  /** The same for a tool that scans, where the client is sent progress; never less than any other call. */
  readonly scanDeadlineMs: number;
  /** Aborts when the server goes down and long calls are to answer with what they have. */
  readonly draining: AbortSignal;
  /** Aborts, with the error that callers get, when the time of grace of a shutdown is over. */
  readonly cutOff?: AbortSignal;
  readonly observe: ToolCallObserver;
  /** Where the accounts of the calls are opened; their own unless told, which none of their waits knows. */
  readonly waits?: Pick<Waits, 'open'>;
  readonly onScopeViolation: (violation: ScopeViolation) => void;
  /** Faults of the protocol layer, of which a client is told nothing; for the log. */
  readonly onError: (error: Error, requestId: string) => void;
}

export function createSdkLeg({
  catalogue,
  deadlineMs,
  scanDeadlineMs,
  draining,
  cutOff,
  waits = createWaits(),
  ...observers
}: LegOptions): ProtocolLeg {
  const selections = createSelections(catalogue);
  // Every call under way may listen to it.
  setMaxListeners(0, draining);
  if (cutOff !== undefined) setMaxListeners(0, cutOff);
  const { observe, onScopeViolation, onError } = observers;
  const common = {
    validator: new AjvJsonSchemaValidator(),
    observe,
    waits,
    onScopeViolation,
    draining,
    onError,
  };

  function select({ principal, narrowing, requestId }: InboundMessage): PreparedCatalogue {
    try {
      return selections.of(principal, narrowing);
    } catch (error) {
      if (error instanceof AppError && error.code === 'forbidden' && narrowing.toolsets !== undefined) {
        onScopeViolation({ kind: 'toolset', name: narrowing.toolsets.join(','), principal, requestId });
      }
      throw error;
    }
  }

  async function exchange(
    era: Era,
    message: JSONRPCRequest,
    inbound: InboundMessage,
    settings: ServerSettings,
  ): Promise<Reply> {
    const isWatched = inbound.acceptsStream && isWatchedScan(message, settings.prepared);
    const deadline = startDeadline(isWatched ? Math.max(deadlineMs, scanDeadlineMs) : deadlineMs, cutOff);
    const server = createRequestServer(settings, era, inbound, message.method, deadline);
    const transport = new Exchange({
      era,
      acceptsStream: inbound.acceptsStream,
      readyList: settings.prepared.lists.get(message.method),
      requestId: inbound.requestId,
      onFault: (said) => onError(new Error(said), inbound.requestId),
      onProtocolError: inbound.onProtocolError,
    });
    const onDisconnect = () => void transport.close();
    // Only 2026-07-28 takes a closed connection as a cancellation.
    if (era === 'modern') inbound.disconnected.addEventListener('abort', onDisconnect, { once: true });
    transport.whenOver(() => {
      deadline.clear();
      inbound.disconnected.removeEventListener('abort', onDisconnect);
      void server.close();
    });
    await server.connect(transport);
    if (era === 'modern' && inbound.disconnected.aborted) await transport.close();
    return transport.run(message);
  }

  /** One after the other, in order; each answers on its own, and progress has nowhere to go. */
  async function exchangeAll(
    messages: readonly object[],
    inbound: InboundMessage,
    settings: ServerSettings,
  ): Promise<Reply> {
    const bodies: string[] = [];
    for (const body of messages) {
      const reply = await dispatch({ ...inbound, body, acceptsStream: false }, settings);
      if (reply.kind === 'json') bodies.push(reply.body);
    }
    if (bodies.length === 0) return { kind: 'accepted' };
    return { kind: 'json', status: 200, body: `[${bodies.join(',')}]` };
  }

  async function dispatch(inbound: InboundMessage, settings: ServerSettings): Promise<Reply> {
    const route = routeMessage(inbound);
    switch (route.kind) {
      case 'answered':
        if (route.errorCode !== undefined) inbound.onProtocolError?.(route.errorCode);
        return route.reply;
      case 'batch':
        return exchangeAll(route.messages, inbound, settings);
      case 'modern':
      case 'legacy':
        return exchange(route.kind, route.message, inbound, settings);
    }
  }

  return {
    async handle(inbound) {
      return dispatch(inbound, { ...common, prepared: select(inbound) });
    },
  };
}

/** A call of a tool that scans, by a client that asked to be told of its progress. */
function isWatchedScan({ method, params }: JSONRPCRequest, { tools }: PreparedCatalogue): boolean {
  if (method !== 'tools/call' || params?._meta?.progressToken === undefined) return false;
  return typeof params.name === 'string' && tools.get(params.name)?.scans === true;
}
