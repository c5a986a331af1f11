/**
 * Lengths beyond which Order Desk cuts or drops what it is sent, without a word. How it counts is not documented: the
 * larger of two countings is taken, for texts their characters and the bytes of UTF-8, for maps JSON as JavaScript writes
 * it and as PHP does, which escapes what is not ASCII, and slashes.
 */
import { asPhpMap, own, type Raw } from './raw.js';
import { below, type Refusals } from './refusal.js';

/** Characters of a note, of staff or in the history. */
export const NOTE_CAP = 1_800;
/** Characters of checkout data as JSON. */
export const CHECKOUT_DATA_CAP = 3_500;
/** Characters of order metadata as JSON, our mark included. */
export const METADATA_CAP = 2_000;

/** The member of metadata by which this server finds what it made. */
export const MARK = 'odm_change';
const A_MARK = '00000000-0000-0000-0000-000000000000';

const ESCAPED = /[^\0-\x7f]/g;

export function jsonLength(value: unknown): number {
  const text = JSON.stringify(value) ?? '';
  const escaped = text.match(ESCAPED)?.length ?? 0;
  return text.length + escaped * 5 + text.split('/').length - 1;
}

const noteLength = (note: string): number => Math.max(note.length, Buffer.byteLength(note));

/** Whether the text can be sent as a note: not blank, and no longer than Order Desk keeps. */
export function checkNote(note: unknown, at: string, refusals: Refusals): note is string {
  if (typeof note !== 'string' || note.trim() === '') {
    refusals.add(at, 'is not the text of a note');
    return false;
  }
  const length = noteLength(note);
  if (length <= NOTE_CAP) return true;
  refusals.add(
    at,
    `is too long: ${length} characters, and Order Desk keeps ${NOTE_CAP} of a note`,
    'Letters outside ASCII count as their bytes. Shorten it, or write two notes.',
  );
  return false;
}

/**
 * Refuses maps that a change makes too long. One that was no shorter before can be changed still.
 * @param before the record that the change starts from
 */
export function checkMaps(before: Raw, after: Raw, at: string, refusals: Refusals): void {
  const check = (key: string, cap: number, length: (map: unknown) => number) => {
    if (own(after, key) === own(before, key)) return;
    const now = length(own(after, key));
    if (now <= cap || now <= length(own(before, key))) return;
    refusals.add(
      below(at, key),
      `is too long: ${now} characters as JSON, and Order Desk keeps ${cap}`,
      'Letters outside ASCII and slashes count as the escapes of them. Clear keys with null, or shorten values.',
    );
  };
  check('checkout_data', CHECKOUT_DATA_CAP, (map) => jsonLength(map ?? []));
  check('order_metadata', METADATA_CAP, (map) => jsonLength(marked(map)));
}

/** Whether our mark fits into the metadata of an order as well. */
export const isRoomForMark = (metadata: unknown): boolean => jsonLength(marked(metadata)) <= METADATA_CAP;

const marked = (map: unknown): unknown =>
  typeof map === 'object' && map !== null ? asPhpMap({ [MARK]: A_MARK, ...map }) : { [MARK]: A_MARK };
