/** Who the client says it is, as a line of text that can be kept. Nobody verifies it. */

const MOST_CHARACTERS = 200;

/** What no name needs, and some databases refuse. */
const UNPRINTABLE = /\p{C}+/gu;

/** Name and version, at most 200 characters; `undefined` where `info` names nobody. @param info as the client sent it */
export function claimedClient(info: unknown): string | undefined {
  if (typeof info !== 'object' || info === null) return undefined;
  const { name, version }: { name?: unknown; version?: unknown } = info;
  const words = [name, version].filter((word) => typeof word === 'string');
  const text = words.join(' ').replaceAll(UNPRINTABLE, ' ').trim();
  const kept = [...text.slice(0, 2 * MOST_CHARACTERS)].slice(0, MOST_CHARACTERS).join('');
  return kept === '' ? undefined : kept;
}
