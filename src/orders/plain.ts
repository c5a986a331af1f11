/** A text without differences that people do not see: case, full-width letters, spaces around. For comparing, not for showing. */
export const plain = (text: string): string => text.normalize('NFKC').trim().toLowerCase();
