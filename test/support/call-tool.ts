/** One `tools/call` over HTTP, and what came back. */
import { legacy, modern } from './mcp-messages.js';

export interface ToolReply {
  readonly status: number;
  readonly text: string;
  readonly result:
    | { readonly structuredContent?: Record<string, unknown>; readonly isError?: boolean }
    | undefined;
  /** The error object of an `isError` result. */
  readonly error:
    | { readonly code: string; readonly message: string; readonly field?: string; readonly hint?: string }
    | undefined;
}

export async function callTool(
  url: string,
  key: string,
  name: string,
  args: Record<string, unknown> = {},
  era: 'modern' | 'legacy' = 'modern',
): Promise<ToolReply> {
  const message = (era === 'modern' ? modern : legacy)('tools/call', { name, arguments: args });
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...message.headers, authorization: `Bearer ${key}` },
    body: JSON.stringify(message.body),
  });
  const text = await response.text();
  const { result } = JSON.parse(text);
  const error = result?.isError === true ? JSON.parse(result.content[0].text).error : undefined;
  return { status: response.status, text, result, error };
}
