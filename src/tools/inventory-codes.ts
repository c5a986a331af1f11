/** Codes as Order Desk can be asked for them: as one text with commas between, in the address of a request. */

/** An answer to so many codes, one item each, fits the smallest page that is likely, and needs no other when all are found. */
const CODES_A_READ = 49;
/** Characters of the codes in one address, whose length is bounded. */
const ADDRESS_ROOM = 2_000;

/** Characters in the address, with the comma. */
const sizeOf = (code: string): number => new URLSearchParams([['', code]]).toString().length + 2;

export const canBeAsked = (code: string): boolean =>
  code.trim() !== '' && !code.includes(',') && sizeOf(code) <= ADDRESS_ROOM;

/** The codes of one request each, all of them in the order given. */
export function inReads(codes: Iterable<string>): string[][] {
  const reads: string[][] = [];
  let room = 0;
  for (const code of codes) {
    const size = sizeOf(code);
    const last = reads.at(-1);
    if (last !== undefined && last.length < CODES_A_READ && size <= room) {
      last.push(code);
      room -= size;
    } else {
      reads.push([code]);
      room = ADDRESS_ROOM - size;
    }
  }
  return reads;
}
