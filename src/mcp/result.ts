/**
 * Tool results on the wire. A success carries `structuredContent` and the same JSON as text between two markers that
 * are new in every answer, so that text written by customers cannot pretend to end the data. That is mitigation, not
 * a boundary: a model may still follow what it reads.
 */
import { randomBytes } from 'node:crypto';
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { AppError } from '../errors.js';
import { jsonText, wellFormed } from '../json-text.js';
import type { JsonObject } from './catalogue.js';

export function dataResult(given: JsonObject): CallToolResult {
  const data = wellFormed(given);
  return { content: [{ type: 'text', text: betweenMarkers(data) }], structuredContent: data };
}

function betweenMarkers(data: JsonObject): string {
  const marker = `data-${randomBytes(6).toString('hex')}`;
  return `<${marker}>\n${jsonText(data)}\n</${marker}>`;
}

/**
 * An error that tells an agent what to do next, in our words alone. What others wrote follows as data, in a text of its
 * own.
 * @param isMasked for a key that may not see customers
 */
export function errorResult(error: AppError, requestId: string, isMasked: boolean): CallToolResult {
  const body = {
    code: error.code,
    message: error.ownWords,
    ...(error.field === undefined ? {} : { field: error.field }),
    ...(error.retryAfterS === undefined ? {} : { retry_after_s: error.retryAfterS }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.code === 'internal' ? { request_id: requestId } : {}),
  };
  const { quotation } = error;
  const isShown = quotation !== undefined && !(isMasked && quotation.mayNameCustomers);
  const texts = [
    jsonText({ error: body }) ?? '',
    ...(isShown ? [betweenMarkers(wellFormed(quotation.data))] : []),
  ];
  return { content: texts.map((text) => ({ type: 'text', text })), isError: true };
}
