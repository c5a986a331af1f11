/**
 * The headers that a 2026-07-28 request must mirror from its body. Gateways route on them, so a request whose
 * headers and body disagree is refused rather than interpreted.
 */
import type { JSONRPCRequest } from '@modelcontextprotocol/server';
import type { InboundMessage } from './leg.js';

/** JSON-RPC code for headers that are missing, malformed or contradict the body. */
export const HEADER_MISMATCH = -32020;

/** Which member of `params` the `Mcp-Name` header mirrors. */
const NAME_SOURCE: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
]);

const BASE64_SENTINEL = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** What is wrong with the headers of a request, in words; `undefined` when nothing is. */
export function headerProblem(
  headers: InboundMessage['headers'],
  message: JSONRPCRequest,
): string | undefined {
  if (headers.protocolVersion === undefined) return 'the MCP-Protocol-Version header is missing';
  if (headers.method === undefined)
    return `the Mcp-Method header is missing; send Mcp-Method: ${message.method}`;
  const member = NAME_SOURCE.get(message.method);
  const expected = member === undefined ? undefined : message.params?.[member];
  if (member === undefined || typeof expected !== 'string') return undefined;
  if (headers.name === undefined) return `the Mcp-Name header is missing; it mirrors params.${member}`;
  const actual = decodeHeaderValue(headers.name.trim());
  if (actual === undefined) return 'the Mcp-Name header is not valid base64 of UTF-8';
  return actual === expected ? undefined : `the Mcp-Name header differs from params.${member}`;
}

/** Values outside printable ASCII travel as `=?base64?…?=`. */
function decodeHeaderValue(value: string): string | undefined {
  if (!value.startsWith('=?base64?')) return value;
  const encoded = BASE64_SENTINEL.exec(value)?.[1];
  if (encoded === undefined || encoded.length % 4 !== 0) return undefined;
  try {
    return strictUtf8.decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
}
