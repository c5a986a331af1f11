/** Who the client says it is, as a line of text that can be kept. Nobody verifies it. */

const MOST_CHARACTERS = 200;

/** What no name needs, and some databases refuse. */
const UNPRINTABLE = /\p{C}+/gu;

/**
 * Name and version, or else the `User-Agent`: at most 200 characters; `undefined` where neither names anybody.
 * @param info as the client sent it
 */
export function claimedClient(info: unknown, userAgent?: string): string | undefined {
  return asName(nameAndVersion(info)) ?? asName(userAgent ?? '');
}

function nameAndVersion(info: unknown): string {
  if (typeof info !== 'object' || info === null) return '';
  const { name, version }: { name?: unknown; version?: unknown } = info;
  return [name, version].filter((word) => typeof word === 'string').join(' ');
}

function asName(words: string): string | undefined {
  const text = words.replaceAll(UNPRINTABLE, ' ').trim();
  const kept = [...text.slice(0, 2 * MOST_CHARACTERS)].slice(0, MOST_CHARACTERS).join('');
  return kept === '' ? undefined : kept;
}
