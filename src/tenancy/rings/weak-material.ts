/** Key material that was not drawn at random. Each rule refuses a random key with a chance far below 2^-40. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** The keys that the documentation prints. They look real, so that they show the form; they are refused everywhere. */
export const DOCUMENTED_KEYS = {
  MCP_KMS_KEY: 'b4szCDNCreqwB1h6xhp4sjCM0pmjHbzlOLAP0zfAJF0=',
  MCP_KEY_PEPPER: 'BfP5Y9qMgrM58wY1q75FTlT76nChYAAddFOghpCsRTM=',
} as const;

const LONGEST_PATTERN = 16;
const FEWEST_DISTINCT = 16;

/** What is wrong with the material, as the end of a sentence; `undefined` when nothing shows. */
export function weakness(bytes: Uint8Array): string | undefined {
  const documented = Object.values(DOCUMENTED_KEYS).some((example) =>
    timingSafeEqual(digest(Buffer.from(example, 'base64')), digest(bytes)),
  );
  if (documented) return 'is the example of the documentation';
  if (bytes.every((byte) => byte === 0)) return 'is all zeros';
  if (repeats(bytes)) return 'is a repeated pattern';
  if (counts(bytes)) return 'is a sequence';
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return 'is text, not random bytes';
  if (new Set(bytes).size < FEWEST_DISTINCT) return 'has too few different bytes to be random';
  return undefined;
}

function repeats(bytes: Uint8Array): boolean {
  for (let period = 1; period <= LONGEST_PATTERN; period += 1) {
    if (bytes.every((byte, index) => index < period || byte === bytes[index - period])) return true;
  }
  return false;
}

/** Whether every byte differs from the one before by the same step. */
function counts(bytes: Uint8Array): boolean {
  const step = difference(bytes, 1);
  return bytes.every((_, index) => index === 0 || difference(bytes, index) === step);
}

const difference = (bytes: Uint8Array, index: number): number =>
  ((bytes[index] ?? 0) - (bytes[index - 1] ?? 0) + 256) % 256;

const digest = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
