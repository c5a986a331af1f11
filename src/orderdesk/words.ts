/** What Order Desk says of an error: its message, and the reasons beside it. */
import { isRecord, type JsonRecord } from './parse/json.js';
import { quotable } from './parse/quotable.js';

const MAX_ERRORS = 10;

/** @returns null where the reply holds no words */
export function upstreamWords(body: JsonRecord | undefined, apiKey: string): string | null {
  if (body === undefined) return null;
  const message = typeof body.message === 'string' ? body.message : '';
  const words = quotable([message, ...errorTexts(body.errors)].join(' '), apiKey);
  return words === '' ? null : words;
}

/** `errors` beside the message: a list or a map of texts, or of lists of texts. */
function errorTexts(errors: unknown): readonly string[] {
  const values: unknown[] = Array.isArray(errors) ? errors : isRecord(errors) ? Object.values(errors) : [];
  return values
    .flat()
    .slice(0, MAX_ERRORS)
    .filter((value) => typeof value === 'string');
}
