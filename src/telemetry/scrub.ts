/**
 * The last look at a line before it leaves the process: whatever its author overlooked. It works on the finished JSON
 * text, so that no depth, no serializer and no library between hides a value from it.
 */

/** Fields whose value never shows, at any depth, in any case. */
const SECRET_FIELD =
  'authorization|proxy-authorization|cookie|set-cookie|orderdesk-api-key|api[-_]?key|access[-_]?token|token|secret|password|passphrase|pepper|credentials?|smtp_pass(?:word)?';

/** An escape sequence is matched before anything else, so that its letter is never taken for the start of a value. */
const ALWAYS = [
  `("(?:${SECRET_FIELD})":)(?:"(?:[^"\\\\]|\\\\.)*"|\\[[^\\]]*\\])`,
  String.raw`\\u[0-9a-f]{4}|\\.`,
  String.raw`(odm_)\w{8,}`,
  String.raw`\b(bearer )[\w.~+/=-]{6,}`,
];
const E_MAIL = String.raw`[\p{L}\p{N}._%+'-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}`;

/** Most lines hold no `@`, and looking for addresses in them is what costs most. */
const WITHOUT_AT = new RegExp(ALWAYS.join('|'), 'giu');
const WITH_AT = new RegExp([...ALWAYS, E_MAIL].join('|'), 'giu');

/** @param json one line of JSON; stays valid JSON */
export function scrub(json: string): string {
  return json.replace(json.includes('@') ? WITH_AT : WITHOUT_AT, mask);
}

function mask(found: string, field?: string, key?: string, scheme?: string): string {
  if (field !== undefined) return `${field}"[redacted]"`;
  if (found.startsWith('\\')) return found;
  if (key !== undefined) return '[api key]';
  return scheme === undefined ? '[e-mail]' : `${scheme}[redacted]`;
}
