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
  String.raw`(bearer )[\w.~+/=-]{6,}`,
];
const E_MAIL = String.raw`[\p{L}\p{N}._%+'-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}`;

const SECRETS = new RegExp(ALWAYS.join('|'), 'giu');
/** Escape sequences first here too. */
const E_MAILS = new RegExp([String.raw`\\u[0-9a-f]{4}|\\.`, E_MAIL].join('|'), 'giu');

/**
 * Secrets go first and by themselves: an address that ends where a key begins must not take the key's mark with it.
 * @param json one line of JSON; stays valid JSON
 */
export function scrub(json: string): string {
  const withoutSecrets = json.replace(SECRETS, maskSecret);
  // Most lines hold no `@`, and looking for addresses in them is what costs most.
  return withoutSecrets.includes('@') ? withoutSecrets.replace(E_MAILS, maskAddress) : withoutSecrets;
}

function maskSecret(found: string, field?: string, key?: string, scheme?: string): string {
  if (field !== undefined) return `${field}"[redacted]"`;
  if (found.startsWith('\\')) return found;
  if (key !== undefined) return '[api key]';
  return scheme === undefined ? found : `${scheme}[redacted]`;
}

const maskAddress = (found: string): string => (found.startsWith('\\') ? found : '[e-mail]');
