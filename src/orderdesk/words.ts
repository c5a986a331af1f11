/** Order Desk's own error text, made fit to be quoted: one line, bounded, and without the key it may repeat. */
import { isRecord, type JsonRecord } from './parse/json.js';

const MAX_CHARACTERS = 300;
/** Bounds the work on a text that is far too long; well above what is quoted in the end. */
const MAX_READ = 5_000;
const MAX_ERRORS = 10;

/** @returns null where the reply holds no words */
export function upstreamWords(body: JsonRecord | undefined, apiKey: string): string | null {
  if (body === undefined) return null;
  const message = typeof body.message === 'string' ? body.message : '';
  const words = clean([message, ...errorTexts(body.errors)].join(' '), apiKey);
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

function clean(text: string, apiKey: string): string {
  const oneLine = text
    .slice(0, MAX_READ)
    // What cannot be seen goes without a trace, so that it cannot break up a key.
    .replace(/\p{Cf}+/gu, '')
    .replace(/[\s\p{Cc}\p{Cs}]+/gu, ' ')
    .trim();
  const safe = (apiKey === '' ? oneLine : oneLine.replaceAll(apiKey, '[redacted]'))
    // The quotation must end where we end it.
    .replaceAll('"', "'");
  const characters = Array.from(safe);
  if (characters.length <= MAX_CHARACTERS) return safe;
  return `${characters.slice(0, MAX_CHARACTERS - 1).join('')}…`;
}
