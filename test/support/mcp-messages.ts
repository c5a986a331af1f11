/** Requests of both eras as they stand on the wire. */

export const MODERN = '2026-07-28';

/** Headers and body of a 2026-07-28 request. */
export function modern(method: string, params: Record<string, unknown> = {}, id: number | string = 1) {
  const name = params.name ?? params.uri;
  return {
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': MODERN,
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': headerValue(name) } : {}),
    },
    body: {
      jsonrpc: '2.0',
      id,
      method,
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': MODERN,
          'io.modelcontextprotocol/clientCapabilities': {},
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '0' },
          ...(params._meta as Record<string, unknown> | undefined),
        },
      },
    },
  };
}

/** Values outside printable ASCII travel as base64. */
const headerValue = (value: string): string =>
  /^[\x21-\x7e]*$/.test(value) ? value : `=?base64?${Buffer.from(value).toString('base64')}?=`;

/** Headers and body of a request of a handshake revision; `null` names none. */
export function legacy(
  method: string,
  params: Record<string, unknown> = {},
  revision: string | null = '2025-11-25',
  id: number | string = 1,
) {
  return {
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(revision === null ? {} : { 'mcp-protocol-version': revision }),
    },
    body: { jsonrpc: '2.0', id, method, params },
  };
}
