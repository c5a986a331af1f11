/** Order Desk's own words, made fit to be quoted: one line, bounded, and without the key they may repeat. */

const MAX_CHARACTERS = 300;
/** Bounds the work on a text that is far too long; well above what is quoted in the end. */
const MAX_READ = 5_000;

/** @param apiKey cut out, where it is known */
export function quotable(text: string, apiKey = ''): string {
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
