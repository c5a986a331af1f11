/** What is wrong with arguments, in words a model can act on: the argument at fault, and what it must be. */
import type { z } from 'zod';
import { AppError } from '../errors.js';

const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** zod's error map for arguments; a message that a schema gives itself comes first. */
export const plainWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, issue.input);
    case 'too_small':
      return bound(issue.origin, 'least', issue.minimum);
    case 'too_big':
      return bound(issue.origin, 'most', issue.maximum);
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    default:
      return undefined;
  }
};

/** Ids look like numbers, and are sent as such. */
function wrongType(expected: string, input: unknown): string {
  if (input === undefined) return 'is required';
  const quoted = expected === 'string' && typeof input === 'number' ? ', in quotes, such as "12345"' : '';
  return `must be ${NOUNS[expected] ?? expected}${quoted}`;
}

function bound(origin: string, side: 'least' | 'most', limit: number | bigint): string {
  if (origin !== 'string' && origin !== 'array') return `must be at ${side} ${limit}`;
  if (side === 'least' && limit === 1) return 'must not be empty';
  return `must have at ${side} ${limit} ${origin === 'string' ? 'characters' : 'entries'}`;
}

/** Things wrong that are described; further ones are counted. */
const DESCRIBED = 6;

/**
 * The first thing wrong, named by its path; the rest are listed in the hint.
 * @param known the names of the tool's arguments
 */
export function argumentError(error: z.ZodError, tool: string, known: readonly string[]): AppError {
  const [first, ...others] = error.issues.slice(0, DESCRIBED).map(describeIssue);
  const uncounted = error.issues.length - DESCRIBED;
  const more = uncounted > 0 ? ` And ${uncounted} more.` : '';
  const rest = others.length === 0 ? '' : ` Also: ${others.map((problem) => problem.text).join(' ')}${more}`;
  const unknown = error.issues.some((issue) => issue.code === 'unrecognized_keys');
  const names = unknown ? ` ${known.length === 0 ? 'It takes none' : `It takes: ${known.join(', ')}`}.` : '';
  return new AppError('invalid_argument', first?.text, {
    ...(first === undefined ? {} : { field: first.field }),
    hint: `Correct the arguments and call ${tool} again.${rest}${names}`,
  });
}

const NAMES_QUOTED = 5;

/** What a caller made up is repeated only where it could be a name: anything else may be a customer's text. */
const NAME_LIKE = /^\w{1,40}$/;
const nameOrNothing = (name: string): string => (NAME_LIKE.test(name) ? name : '(no name)');

function describeIssue(issue: z.core.$ZodIssue): { field: string; text: string } {
  const path = issue.path.map((step) => nameOrNothing(String(step)));
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.slice(0, NAMES_QUOTED).map(nameOrNothing);
    return { field: [...path, names[0] ?? ''].join('.'), text: `Unknown argument: ${names.join(', ')}.` };
  }
  const field = path.join('.') || 'arguments';
  return { field, text: `${field}: ${issue.message}.` };
}
