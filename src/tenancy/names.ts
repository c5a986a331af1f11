/** Names that operators give: tenants, stores, keys. */
import { z } from 'zod';

export const LONGEST_NAME = 64;

/** Controls, invisible format characters, lone surrogates and line separators: two names must not look alike by them. */
export const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

export const nameInput = z
  .string('must be text')
  .trim()
  .normalize('NFC')
  .min(1, 'must not be empty')
  .max(LONGEST_NAME, `must have at most ${LONGEST_NAME} characters`)
  .refine((text) => !UNPRINTABLE.test(text), 'must not hold control or invisible characters');

/** The form in which names are compared: without regard to case, width or surrounding space. */
export const nameKey = (name: string): string => name.trim().normalize('NFKC').toLowerCase();
