/**
 * What an operator says a key may use, checked against the names that exist. How a scope is enforced is no business of
 * this room: it only sees to it that a key is never made with a name that means nothing.
 */
import { z } from 'zod';
import { AppError } from '../../errors.js';
import type { Principal, Scope } from '../principal.js';

/** The names that scopes are made of. */
export interface ToolNames {
  readonly toolsets: readonly { readonly name: string; readonly ownersOnly?: boolean }[];
  readonly tools: readonly string[];
}

const name = z.string('must be a name').trim().min(1, 'must not be empty');
const list = z.array(name, 'must be a list of names').min(1, 'must not be empty').max(100).optional();

const CAP = 'must be a whole number above zero';
const LINES = 'must be a whole number, zero or more';

export const toolScopeInput = z.strictObject({
  /** All the toolsets that the key may use; left out for the standard ones of its role. */
  toolsets: list,
  /** Tools or toolsets that it may not use all the same. */
  exclude: list,
  readOnly: z.boolean('must be true or false').default(false),
  /** Agent keys only: answers without the customers' names, contacts and texts. */
  mask: z.boolean('must be true or false').default(false),
  /** Agent keys only: effects at Order Desk per UTC day; left out for no cap. */
  dailyWriteCap: z.int(CAP).positive(CAP).optional(),
  /** What the key may do only with the token of a dry run. */
  confirm: z
    .array(z.enum(['moves', 'deletes'], 'must be moves or deletes'), 'must be a list of moves and deletes')
    .min(1, 'must not be empty')
    .max(10)
    .optional(),
  /** Likewise calls with more lines than this; 0 for every write. */
  confirmBatchesAbove: z.int(LINES).nonnegative(LINES).optional(),
});

/** @throws AppError `invalid_argument` with the names there are */
export function toolScope(
  input: z.output<typeof toolScopeInput>,
  role: Principal['role'],
  names: ToolNames,
): Omit<Scope, 'stores'> {
  const toolsets = names.toolsets.map((toolset) => toolset.name);
  mustBeKnown('toolsets', input.toolsets ?? [], toolsets);
  mustBeKnown('exclude', input.exclude ?? [], [...toolsets, ...names.tools]);
  const ownersOnly = names.toolsets.filter((toolset) => toolset.ownersOnly === true).map((each) => each.name);
  const beyond = input.toolsets?.find((toolset) => ownersOnly.includes(toolset));
  if (beyond !== undefined && role !== 'owner') {
    throw new AppError('invalid_argument', `toolsets: ${beyond} is for owner keys.`, { field: 'toolsets' });
  }
  return {
    toolsets: input.toolsets === undefined ? 'standard' : unique(input.toolsets),
    exclude: unique(input.exclude ?? []),
    readOnly: input.readOnly,
    mask: input.mask,
    dailyWriteCap: input.dailyWriteCap ?? null,
    confirm: {
      moves: input.confirm?.includes('moves') ?? false,
      deletes: input.confirm?.includes('deletes') ?? false,
      batchesAbove: input.confirmBatchesAbove ?? null,
    },
  };
}

/** The toolsets of a key by name, less those that it excludes whole. */
export function toolsetsOf(
  { toolsets, exclude }: Scope,
  role: Principal['role'],
  names: ToolNames,
): readonly string[] {
  const standard = names.toolsets.filter(
    (toolset) => toolset.name === 'default' || (toolset.ownersOnly === true && role === 'owner'),
  );
  const granted = toolsets === 'standard' ? standard.map((toolset) => toolset.name) : toolsets;
  return granted.filter((toolset) => !exclude.includes(toolset));
}

function mustBeKnown(
  field: 'toolsets' | 'exclude',
  given: readonly string[],
  known: readonly string[],
): void {
  if (given.every((each) => known.includes(each))) return;
  const what = field === 'toolsets' ? 'toolset' : 'tool or toolset';
  throw new AppError('invalid_argument', `${field}: there is no such ${what}.`, {
    field,
    hint: `Known: ${known.join(', ')}.`,
  });
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();
