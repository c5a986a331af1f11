/**
 * The transport of one exchange: a request goes in, and what the SDK's server sends back becomes a reply. It is a
 * JSON body unless something is sent before the result, which makes it a stream. Extending the SDK's per-request
 * transport is what binds a server to the 2026-07-28 revision; sending is ours, so that no web `Response` is built
 * and a list goes out as the string made at start-up.
 */
import {
  type JSONRPCMessage,
  type JSONRPCRequest,
  PerRequestHTTPServerTransport,
  ProtocolErrorCode,
  type TransportSendOptions,
} from '@modelcontextprotocol/server';
import { AppError, ERROR_TABLE } from '../errors.js';
import type { Reply } from './leg.js';
import { MessageQueue } from './message-queue.js';
import type { ReadyList } from './prepared.js';
import { type Era, MODERN_REVISION } from './revisions.js';

/** Protocol errors that 2026-07-28 also shows as an HTTP status; `-32601` only when no handler was reached. */
const MODERN_STATUS: ReadonlyMap<number, number> = new Map([
  [ProtocolErrorCode.MethodNotFound, 404],
  [ProtocolErrorCode.MissingRequiredClientCapability, 400],
  [ProtocolErrorCode.UnsupportedProtocolVersion, 400],
]);

export interface ExchangeOptions {
  readonly era: Era;
  readonly acceptsStream: boolean;
  readonly readyList: ReadyList | undefined;
  readonly requestId: string;
  /** Told what the SDK says of a failure that is not the client's. */
  readonly onFault: (said: string) => void;
  /** Told the code of a JSON-RPC error before it is sent. */
  readonly onProtocolError?: ((code: number) => void) | undefined;
}

export class Exchange extends PerRequestHTTPServerTransport {
  readonly #era: Era;
  readonly #acceptsStream: boolean;
  readonly #readyList: ReadyList | undefined;
  readonly #requestId: string;
  readonly #onFault: (said: string) => void;
  readonly #onProtocolError: ((code: number) => void) | undefined;
  #settle: { resolve(reply: Reply): void; reject(error: AppError): void } | undefined;
  #stream: MessageQueue | undefined;
  #dispatching = false;
  #over = false;
  #onOver: () => void = () => {};

  constructor({ era, acceptsStream, readyList, requestId, onFault, onProtocolError }: ExchangeOptions) {
    super({ classification: { era, ...(era === 'modern' ? { revision: MODERN_REVISION } : {}) } });
    this.#era = era;
    this.#acceptsStream = acceptsStream;
    this.#readyList = readyList;
    this.#requestId = requestId;
    this.#onFault = onFault;
    this.#onProtocolError = onProtocolError;
  }

  /** Hands the request to the connected server. Rejects with `cancelled` when `close` comes first. */
  run(request: JSONRPCRequest): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      this.#settle = { resolve, reject };
      if (this.#over) reject(new AppError('cancelled'));
      this.#dispatching = true;
      this.onmessage?.(request, { classification: this.#classification() });
      this.#dispatching = false;
    });
  }

  /** Calls back once, when the last message has been sent or the exchange was closed. */
  whenOver(callback: () => void): void {
    this.#onOver = callback;
  }

  override async send(message: JSONRPCMessage, _options?: TransportSendOptions): Promise<void> {
    if (this.#over) return;
    if ('method' in message) this.#sendAhead(message);
    else this.#finish(message);
  }

  override async close(): Promise<void> {
    if (!this.#over) {
      this.#over = true;
      this.#stream?.end();
      this.#settle?.reject(new AppError('cancelled'));
      this.#onOver();
    }
    await super.close();
  }

  #classification() {
    return { era: this.#era, ...(this.#era === 'modern' ? { revision: MODERN_REVISION } : {}) };
  }

  /** Progress and log messages; a stateless server sends no requests of its own. */
  #sendAhead(message: JSONRPCMessage): void {
    if ('id' in message || !this.#acceptsStream) return;
    if (this.#stream === undefined) {
      this.#stream = new MessageQueue();
      this.#settle?.resolve({ kind: 'stream', messages: this.#stream });
    }
    this.#stream.push(JSON.stringify(message));
  }

  #finish(message: JSONRPCMessage): void {
    this.#over = true;
    if ('error' in message) this.#onProtocolError?.(message.error.code);
    const body = this.#serialise(this.#forClient(message));
    if (this.#stream === undefined) {
      this.#settle?.resolve({ kind: 'json', status: this.#statusOf(message), body });
    } else {
      this.#stream.push(body);
      this.#stream.end();
    }
    this.#onOver();
  }

  /** An internal error quotes whatever was thrown: that is for the log. */
  #forClient(message: JSONRPCMessage): JSONRPCMessage {
    if (!('error' in message) || message.error.code !== ProtocolErrorCode.InternalError) return message;
    this.#onFault(message.error.message);
    const data = { code: 'internal', request_id: this.#requestId };
    return {
      ...message,
      error: { code: message.error.code, message: ERROR_TABLE.internal.publicText, data },
    };
  }

  #serialise(message: JSONRPCMessage): string {
    if (this.#readyList === undefined || !('result' in message)) return JSON.stringify(message);
    const { [this.#readyList.member]: _placeholder, ...rest } = message.result;
    const others = JSON.stringify(rest).slice(1);
    const list = `"${this.#readyList.member}":${this.#readyList.json}`;
    const result = others === '}' ? `{${list}}` : `{${list},${others}`;
    return `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":${result}}`;
  }

  #statusOf(message: JSONRPCMessage): number {
    if (this.#era === 'legacy' || !('error' in message)) return 200;
    const { code } = message.error;
    if (code === ProtocolErrorCode.MethodNotFound && !this.#dispatching) return 200;
    return MODERN_STATUS.get(code) ?? 200;
  }
}
