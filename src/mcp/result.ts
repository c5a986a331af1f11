/**
 * Tool results on the wire. A success carries `structuredContent` and the same JSON as text between two markers that
 * are new in every answer, so that text written by customers cannot pretend to end the data. That is mitigation, not
 * a boundary: a model may still follow what it reads.
 */
import { randomBytes } from 'node:crypto';
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { AppError } from '../errors.js';
import type { JsonObject } from './catalogue.js';

export function dataResult(data: JsonObject): CallToolResult {
  const marker = `data-${randomBytes(6).toString('hex')}`;
  return {
    content: [{ type: 'text', text: `<${marker}>\n${JSON.stringify(data)}\n</${marker}>` }],
    structuredContent: data,
  };
}

/** An error that tells an agent what to do next. */
export function errorResult(error: AppError, requestId: string): CallToolResult {
  const body = {
    code: error.code,
    message: error.message,
    ...(error.field === undefined ? {} : { field: error.field }),
    ...(error.retryAfterS === undefined ? {} : { retry_after_s: error.retryAfterS }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.code === 'internal' ? { request_id: requestId } : {}),
  };
  return { content: [{ type: 'text', text: JSON.stringify({ error: body }) }], isError: true };
}
