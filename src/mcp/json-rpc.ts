/** JSON-RPC error answers that are made before any server exists. */
import type { Reply } from './leg.js';

export type MessageId = string | number | null;

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export const rpcErrorBody = (id: MessageId, error: RpcError): string =>
  JSON.stringify({ jsonrpc: '2.0', id, error });

export const rpcErrorReply = (status: number, id: MessageId, error: RpcError): Reply => ({
  kind: 'json',
  status,
  body: rpcErrorBody(id, error),
});

/** The id to answer with: that of a single request, `null` for anything else. */
export function requestIdOf(body: unknown): MessageId {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return null;
  if (!('method' in body) || !('id' in body)) return null;
  return typeof body.id === 'string' || typeof body.id === 'number' ? body.id : null;
}
