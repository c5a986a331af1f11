/** The lint finds each fault it looks for, and none in a definition that has none. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ToolDefinition } from '../../../src/mcp/catalogue.js';
import { toJsonSchema } from '../../../src/mcp/schema.js';
import { lintDefinition } from './support/definition-lint.js';

const NAMES = ['list_parcels', 'get_parcel', 'update_parcel'];
const READS = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true };

const address = z.object({ name: z.string(), city: z.string(), country: z.string(), phone: z.string() });
const arguments_ = {
  carrier: z.string().optional().describe('Carrier, as it names itself.'),
  limit: z.int().min(1).max(100).default(20).describe('Most rows to return.'),
};
const answer = { rows: z.array(address).describe('Newest first'), total: z.number() };

const tool = (change: Partial<ToolDefinition> = {}): ToolDefinition => ({
  name: 'list_parcels',
  title: 'List parcels',
  description:
    'Finds parcels of one store, newest first. Use it to search and count; for one parcel in full use get_parcel. Reads every ' +
    'parcel of the range, at most 1,000 of them.',
  annotations: READS,
  inputSchema: toJsonSchema(z.strictObject(arguments_), 'input'),
  outputSchema: toJsonSchema(z.object(answer), 'output'),
  handle: () => Promise.reject(new Error('the lint calls no tool')),
  ...change,
});

const faults = (change: Partial<ToolDefinition>) => lintDefinition(tool(change), NAMES);
const said = (from: string, to: string) => ({ description: tool().description.replace(from, to) });
const taking = (shape: z.ZodRawShape) => ({
  inputSchema: toJsonSchema(z.strictObject({ ...arguments_, ...shape }), 'input'),
});
const answering = (shape: z.ZodRawShape) => ({
  outputSchema: toJsonSchema(z.object({ ...answer, ...shape }), 'output'),
});
const about = (meaning: string) => taking({ carrier: z.string().describe(meaning) });

describe('a definition', () => {
  it('that says all and nothing twice has no fault', () => {
    expect(faults({})).toEqual([]);
  });

  it.each<[string, Partial<ToolDefinition>, string]>([
    ['a name without a verb', { name: 'parcel_list' }, 'the name is not verb_noun'],
    ['no title', { title: '' }, 'the title is no short heading'],
    ['few words', { description: 'Use it for at most one get_parcel.' }, 'the description is too short'],
    ['no word on when', said('Use it to', 'One can'), 'does not say when to use'],
    ['no other tool', said('get_parcel', 'another tool'), 'names no tool to use instead'],
    ['itself as the other tool', said('get_parcel', 'list_parcels'), 'names no tool to use instead'],
    ['no limit', said('at most 1,000', 'all'), 'names no limit'],
    ['a path', said('Finds', 'GET /parcels finds'), 'names a path of the REST API'],
    ['a bare path', said('parcels of', '/parcels of'), 'names a path of the REST API'],
    ['a path with a part', said('one store', 'store {id}'), 'names a path of the REST API'],
    ['a label', said('Finds', 'READ: finds'), 'begins with a label in capitals'],
    ['a label in brackets', said('Finds', '[WRITE] finds'), 'begins with a label in capitals'],
    ['a hint left out', { annotations: { readOnlyHint: true } as never }, 'destructiveHint, idempotentHint'],
    ['no hints', { annotations: undefined as never }, 'readOnlyHint, destructiveHint'],
    ['a read that writes', { annotations: { ...READS, readOnlyHint: false } }, 'readOnlyHint does not fit'],
    [
      'a read that destroys',
      { annotations: { ...READS, destructiveHint: true } },
      'destructiveHint does not',
    ],
    ['a read not to repeat', { annotations: { ...READS, idempotentHint: false } }, 'is idempotent'],
    ['a closed world', { annotations: { ...READS, openWorldHint: false } }, 'openWorldHint must be true'],
    ['arguments that are no object', { inputSchema: { type: 'string' } }, 'the arguments are no object'],
    [
      'loose arguments',
      { inputSchema: toJsonSchema(z.looseObject(arguments_), 'input') },
      'unknown arguments are not refused',
    ],
    [
      'a loose object in its arguments',
      taking({ to: z.looseObject({ city: z.string() }).describe('Where the parcel goes.') }),
      'unknown arguments are not refused',
    ],
    ['a bare argument', taking({ weight: z.string() }), 'weight is not described by a sentence'],
    ['an argument with half a sentence', about('Carrier'), 'carrier is not described by a sentence'],
    [
      'a bare leaf',
      taking({ to: z.strictObject({ depot: z.string() }).describe('Where the parcel goes.') }),
      'to.depot is not described',
    ],
    ['what is optional', about('Carrier of it (optional).'), 'carrier says whether it is required'],
    ['a default', about('Carrier, defaults to the first.'), 'carrier says its default'],
    ['a type', about('The carrier as a string.'), 'carrier says its type'],
    [
      'a range',
      taking({ limit: z.int().min(1).max(100).describe('Rows to return, 1 to 100.') }),
      'limit says its range',
    ],
    [
      'all its values',
      taking({ size: z.enum(['s', 'm', 'l']).describe('Size of it: s, m or l.') }),
      'size lists its values',
    ],
    ['a camel', taking({ sentTo: z.string().describe('Where it went.') }), 'sentTo is not in snake_case'],
    ['a camel in the answer', answering({ sentTo: z.string().describe('x') }), 'sentTo is not in snake_case'],
    [
      'a credential',
      taking({ api_key: z.string().describe('Key of the store.') }),
      'named like a credential',
    ],
    [
      'a credential inside',
      taking({ to: z.strictObject({ password: z.string().describe('Of it.') }).describe('The receiver.') }),
      'to.password is named like a credential',
    ],
    ['no output schema', { outputSchema: undefined as never }, 'the output schema is no object'],
    ['an empty output schema', { outputSchema: { type: 'object' } }, 'the output schema has no members'],
    ['an unclear member', answering({ depot: z.string() }), 'depot of the answer is not described'],
    [
      'an unclear member of a list in a choice',
      answering({ rest: z.union([z.null(), z.array(z.object({ depot: z.string() }))]).describe('Others') }),
      'rest.depot of the answer is not described',
    ],
    ['an object twice', answering({ sender: address.describe('Who sent it') }), 'described more than once'],
  ])('with %s is told so', (_what, change, fault) => {
    expect(faults(change)).toContainEqual(expect.stringContaining(fault));
  });

  it('that is handed its own keys and confirmations names no credential', () => {
    const handed = taking({
      idempotency_key: z.string().describe('Makes a repetition safe.'),
      confirmation_token: z.string().describe('From the dry run before.'),
    });
    expect(faults(handed)).toEqual([]);
  });

  it('of a write says what it changes, and that it destroys', () => {
    const write = { ...tool(), name: 'update_parcel', annotations: { ...READS, readOnlyHint: false } };
    expect(lintDefinition(write, NAMES)).toEqual([
      'the description does not say what the tool changes',
      'destructiveHint does not fit the verb of the name',
    ]);
    const better = {
      ...write,
      description: `${write.description} Replaces what the parcel had.`,
      annotations: { ...write.annotations, destructiveHint: true },
    };
    expect(lintDefinition(better, NAMES)).toEqual([]);
  });
});
