/** Base62 in the order `0-9A-Za-z`. The order is part of the key format and never changes. */
import type { RandomBytes } from '../ids.js';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Bytes from here up are thrown away: 248 is the largest multiple of 62 in a byte, so each character is equally likely. */
const UNBIASED_BELOW = 248;

/** `length` characters, each drawn evenly from the alphabet. */
export function randomBase62(length: number, random: RandomBytes): string {
  let text = '';
  while (text.length < length) {
    for (const byte of random(length - text.length)) {
      if (byte < UNBIASED_BELOW) text += ALPHABET.charAt(byte % 62);
    }
  }
  return text;
}

/** A whole number from 0 up, most significant character first, padded with `0` to `width` characters. */
export function toBase62(value: number, width: number): string {
  let text = '';
  for (let rest = value; text.length < width; rest = Math.floor(rest / 62)) {
    text = ALPHABET.charAt(rest % 62) + text;
  }
  return text;
}
