/**
 * The protocol leg: one parsed HTTP body in, one reply out. It knows neither Fastify nor Order Desk, and it stands
 * behind this interface so that another implementation can take over with the conformance suite as referee.
 */
import type { Principal } from '../tenancy/principal.js';
import type { Narrowing } from './scopes/effective-tools.js';

export interface InboundMessage {
  /** The MCP headers as sent; absent ones are `undefined`. */
  readonly headers: {
    readonly protocolVersion: string | undefined;
    readonly method: string | undefined;
    readonly name: string | undefined;
  };
  /** The `User-Agent` header as sent: all that a request of the handshake revisions says of its client. */
  readonly userAgent?: string | undefined;
  /** The `traceparent` header as sent. */
  readonly traceparent?: string | undefined;
  /** The parsed JSON body: one message, or an array of them. */
  readonly body: unknown;
  /** Whether the client takes `text/event-stream`; without it, progress and log messages are dropped. */
  readonly acceptsStream: boolean;
  /** Bound to one store where its scope names exactly one. */
  readonly principal: Principal;
  readonly narrowing: Narrowing;
  readonly requestId: string;
  /** Aborts when the client's connection closes before the reply is complete. */
  readonly disconnected: AbortSignal;
  /** Told the code of each JSON-RPC error that a message is answered with, before that answer is sent. */
  readonly onProtocolError?: (code: number) => void;
}

export type Reply =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'json'; readonly status: number; readonly body: string }
  /** Serialised JSON-RPC messages in order; the response comes last. */
  | { readonly kind: 'stream'; readonly messages: AsyncIterable<string> };

export interface ProtocolLeg {
  /**
   * @throws AppError `invalid_argument` or `forbidden` for a narrowing that cannot be met, `cancelled` when the client left
   *   and its revision takes that as cancellation
   */
  handle(inbound: InboundMessage): Promise<Reply>;
}
