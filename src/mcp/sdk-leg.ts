/** The protocol leg on the official SDK: both eras, stateless, any replica can answer any request. */
import type { JSONRPCRequest } from '@modelcontextprotocol/server';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv';
import type { ToolCallObserver } from './call-tool.js';
import type { Catalogue } from './catalogue.js';
import { startDeadline } from './deadline.js';
import { Exchange } from './exchange.js';
import type { InboundMessage, ProtocolLeg, Reply } from './leg.js';
import { prepareCatalogue } from './prepared.js';
import { createRequestServer, type ServerSettings } from './request-server.js';
import type { Era } from './revisions.js';
import { routeMessage } from './route.js';

export interface LegOptions {
  readonly catalogue: Catalogue;
  /** Milliseconds that one call may take. */
  readonly deadlineMs: number;
  readonly observe: ToolCallObserver;
  /** Faults of the protocol layer, of which a client is told nothing; for the log. */
  readonly onError: (error: Error, requestId: string) => void;
}

export function createSdkLeg({ catalogue, deadlineMs, observe, onError }: LegOptions): ProtocolLeg {
  const settings: ServerSettings = {
    prepared: prepareCatalogue(catalogue),
    validator: new AjvJsonSchemaValidator(),
    observe,
    onError,
  };

  async function exchange(era: Era, message: JSONRPCRequest, inbound: InboundMessage): Promise<Reply> {
    const deadline = startDeadline(deadlineMs);
    const server = createRequestServer(settings, era, inbound, message.method, deadline.signal);
    const transport = new Exchange({
      era,
      acceptsStream: inbound.acceptsStream,
      readyList: settings.prepared.lists.get(message.method),
      requestId: inbound.requestId,
      onFault: (said) => onError(new Error(said), inbound.requestId),
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
  async function exchangeAll(messages: readonly object[], inbound: InboundMessage): Promise<Reply> {
    const bodies: string[] = [];
    for (const body of messages) {
      const reply = await handle({ ...inbound, body, acceptsStream: false });
      if (reply.kind === 'json') bodies.push(reply.body);
    }
    if (bodies.length === 0) return { kind: 'accepted' };
    return { kind: 'json', status: 200, body: `[${bodies.join(',')}]` };
  }

  async function handle(inbound: InboundMessage): Promise<Reply> {
    const route = routeMessage(inbound);
    switch (route.kind) {
      case 'answered':
        return route.reply;
      case 'batch':
        return exchangeAll(route.messages, inbound);
      case 'modern':
      case 'legacy':
        return exchange(route.kind, route.message, inbound);
    }
  }

  return { handle };
}
