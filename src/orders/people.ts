/**
 * How to know the people of an order in other texts of it, however they are written there: with and without accents,
 * in either order, in one word, a phone number with or without its country.
 */
import type { AddressView, OrderView } from '../orderdesk/views.js';
import { plain } from './plain.js';

export interface People {
  /** By all of a name, a company, a street or a phone number. */
  areNamedInFullIn(text: string): boolean;
  /** By a part of a name as well. */
  areNamedIn(text: string): boolean;
  /** Beside a place: a line of an address may be the very city, and says no more than that then. */
  areNamedBeside(place: string): boolean;
}

/** Shorter words are parts of too many others. */
const SHORTEST_NAME = 3;
const SHORTEST_JOINED = 4;
const SHORTEST_PHRASE = 6;
const SHORTEST_PHONE = 6;
/** Digits that a number has with and without its country and area. */
const PHONE_TAIL = 7;

export function peopleOf({ shipping, customer }: Pick<OrderView, 'shipping' | 'customer'>): People {
  // Most orders are sent to who pays for them: half of the work.
  const both = JSON.stringify(shipping) === JSON.stringify(customer) ? [shipping] : [shipping, customer];
  const names = both.map(nameOf);
  // "John M. Smith" is named in full by "John Smith" too.
  const whole = names
    .flatMap(({ words }) => [words, words.filter((word) => word.length > 1)])
    .filter((words) => words.length > 1);
  const joined = bySpacing(names.flatMap((name) => name.joined));
  const parts = bySpacing(names.flatMap(({ words }) => words));
  const longParts = parts.spaced.filter((word) => word.length >= SHORTEST_NAME);
  const phrases = both
    .flatMap(({ company, lines }) => [company ?? '', ...lines])
    .map(folded)
    .filter((phrase) => phrase.length >= SHORTEST_PHRASE);
  const phones = both.flatMap(({ phone }) => tailsOf(phone ?? ''));

  const hasPerson = (text: string): boolean =>
    whole.some((words) => words.every((word) => text.includes(word)) && hasWords(text, words)) ||
    joined.spaced.some((name) => hasWord(text, name)) ||
    hasAny(text, joined.unspaced) ||
    (phones.length > 0 && hasAny(digitsOf(text), phones));
  const hasPart = (text: string): boolean =>
    longParts.some((part) => hasWord(text, part)) || hasAny(text, parts.unspaced);
  return {
    areNamedInFullIn(text) {
      const compared = folded(text);
      return hasPerson(compared) || hasAny(compared, phrases);
    },
    areNamedIn(text) {
      const compared = folded(text);
      return hasPart(compared) || hasPerson(compared) || hasAny(compared, phrases);
    },
    areNamedBeside(place) {
      const compared = folded(place);
      return (
        hasPerson(compared) || phrases.some((phrase) => phrase !== compared && compared.includes(phrase))
      );
    },
  };
}

const hasAny = (text: string, parts: readonly string[]): boolean => parts.some((part) => text.includes(part));

const BEYOND_ASCII = /[\u0080-\uffff]/;
const ACCENT = /[\u0300-\u036f]/g;
/** Letters that are written plain in other ways than without an accent. */
const LETTER = /[øłđðıßæœþ]/g;
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ı: 'i',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
};

/** As `plain`, and without accents. Put together again in the end: syllables of Korean are letters of their own. */
function folded(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text.trim().toLowerCase();
  return plain(text)
    .normalize('NFD')
    .replaceAll(ACCENT, '')
    .normalize('NFC')
    .replaceAll(LETTER, (letter) => PLAIN_LETTERS[letter] ?? letter);
}

const WORD = /[\p{L}\p{M}]+/gu;
const wordsOf = (text: string): string[] => text.match(WORD) ?? [];

/** Most texts fail the plain test, which costs little. */
const hasWord = (text: string, word: string): boolean => text.includes(word) && wordsOf(text).includes(word);

function hasWords(text: string, words: readonly string[]): boolean {
  const all = wordsOf(text);
  return words.every((word) => all.includes(word));
}

/** Scripts that put no spaces between words, and whose names are short. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

const bySpacing = (names: readonly string[]) => ({
  spaced: names.filter((name) => !UNSPACED.test(name)),
  /** A single letter of these names nobody. */
  unspaced: names.filter((name) => name.length > 1 && UNSPACED.test(name)),
});

interface Name {
  readonly words: readonly string[];
  /** All of it in one word, in either order. */
  readonly joined: readonly string[];
}

function nameOf({ firstName, lastName }: AddressView): Name {
  const [first, last] = [wordsOf(folded(firstName ?? '')), wordsOf(folded(lastName ?? ''))];
  const words = [...first, ...last];
  const joined = [words.join(''), [...last, ...first].join('')];
  const isOneWord = words.length < 2;
  return {
    words,
    joined: joined.filter((name) => UNSPACED.test(name) || (!isOneWord && name.length >= SHORTEST_JOINED)),
  };
}

const NO_DIGIT = /\D+/g;
const digitsOf = (text: string): string => text.replaceAll(NO_DIGIT, '');

/** What stands between two numbers, or before an extension. */
const NEXT_NUMBER = /ext|[x#;,/]/;

/** What fills a field that must not be empty. */
const NO_NUMBER = /^(\d)\1*$/;

/** The ends of the numbers that a field holds: other texts may have them without country and area. */
function tailsOf(phone: string): string[] {
  const written = folded(phone);
  return [written, ...written.split(NEXT_NUMBER)]
    .map(digitsOf)
    .filter((digits) => digits.length >= SHORTEST_PHONE && !NO_NUMBER.test(digits))
    .map((digits) => digits.slice(-PHONE_TAIL));
}
