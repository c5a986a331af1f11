/** Staff notes appended to an order. They are no history: they are a part of the order and are sent with all of it. */
import { checkNote } from './caps.js';
import { asList, isMap, own, type Raw } from './raw.js';
import { below, type Refusals } from './refusal.js';

export interface NoteOptions {
  readonly now: Date;
  /** Who writes, as Order Desk shows it. */
  readonly notesBy: string;
}

const DAY_MS = 24 * 3_600_000;
/** Order Desk counts it to the length of the note. */
const LONGEST_WRITER = 100;

export interface MergedNotes {
  readonly notes: unknown;
  /** Notes that were there already, in the last 24 hours: their places among the texts, from 0. */
  readonly alreadyThere: readonly number[];
}

/** @param at path of the texts */
export function appendNotes(
  before: unknown,
  texts: unknown,
  { now, notesBy }: NoteOptions,
  at: string,
  refusals: Refusals,
): MergedNotes {
  const notes = asList(before);
  if (notes === undefined || !Array.isArray(texts)) {
    if (notes === undefined) refusals.add(at, 'is no list at Order Desk');
    else refusals.add(at, 'is not a list of texts', 'Notes are appended; those that are there stay.');
    return { notes: before, alreadyThere: [] };
  }
  const all = [...notes];
  const alreadyThere: number[] = [];
  for (const [index, text] of texts.entries()) {
    if (!checkNote(text, below(at, index), refusals)) continue;
    if (all.some((note) => isRecent(note, text, now))) alreadyThere.push(index);
    else all.push(noteOf(text, now, notesBy));
  }
  return { notes: all.length === notes.length ? before : all, alreadyThere };
}

const noteOf = (content: string, now: Date, notesBy: string): Raw => ({
  date_added: now.toISOString().slice(0, 19).replace('T', ' '),
  username: notesBy.slice(0, LONGEST_WRITER),
  content,
});

function isRecent(note: unknown, text: string, now: Date): boolean {
  if (!isMap(note)) return false;
  const [content, written] = [own(note, 'content'), own(note, 'date_added')];
  if (typeof content !== 'string' || typeof written !== 'string' || content.trim() !== text.trim())
    return false;
  // A clock of Order Desk that goes before ours makes a note no other.
  return now.getTime() - Date.parse(`${written.replace(' ', 'T')}Z`) < DAY_MS;
}
