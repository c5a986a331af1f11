/**
 * JSON as a model or a person reads it: nothing in it hides, reorders or passes for a mark of ours. Characters that
 * nobody sees, that turn the direction of writing or that end a line for some readers are written as escapes, and so is
 * `<`, with which the marks around data begin. What is parsed from it is the same. It imports nothing.
 */

const UNSEEN = /[<\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** @returns `undefined` for what has no JSON, as `JSON.stringify` does */
export const jsonText = (value: unknown): string | undefined =>
  JSON.stringify(value)?.replace(UNSEEN, asEscapes);

function asEscapes(character: string): string {
  let escapes = '';
  for (let at = 0; at < character.length; at += 1) {
    escapes += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }
  return escapes;
}

const LONE_SURROGATE = /\p{Cs}/gu;

/**
 * An object without halves of characters, which strict readers of JSON refuse: U+FFFD stands for each. The very object
 * where it has none.
 */
export function wellFormed(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  // JSON writes nothing else like this but a backslash of a text.
  return JSON.stringify(value).includes('\\ud') ? mendEntries(value) : value;
}

const mendText = (text: string): string => text.replace(LONE_SURROGATE, '\ufffd');

const mendEntries = (map: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [mendText(key), mend(value)]));

function mend(value: unknown): unknown {
  if (typeof value === 'string') return mendText(value);
  if (Array.isArray(value)) return value.map(mend);
  return typeof value === 'object' && value !== null ? mendEntries(value) : value;
}
