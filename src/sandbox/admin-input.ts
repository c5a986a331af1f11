/** What the administration is sent, checked. Every complaint names the field and what to send instead. */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { z } from 'zod';
import type { FaultRule } from './faults.js';
import type { OrderEdit } from './order-edit.js';
import type { SomebodyElseOptions } from './somebody-else.js';
import { readSwitches, UnknownSwitch } from './switch-values.js';
import type { SandboxSwitches } from './switches.js';

export class BadInput extends Error {
  override readonly name = 'BadInput';
  readonly field: string;

  /** @param message what to send instead */
  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** JSON has no `Infinity`. */
export const UNLIMITED = 'unlimited';

const MOST_MS = 3_600_000;

function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = `Leave it out; the fields here are: ${Object.keys(shape).join(', ')}.`;
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? known : 'Send a JSON object.'),
  });
}

const STATUS = 'Send a whole number from 200 to 599.';
const between = (min: number, max: number, message: string) =>
  z.number(message).min(min, message).max(max, message);

const text = z.string('Send text.');
const COUNT = `Send a whole number above 0, or "${UNLIMITED}".`;
const count = z.union(
  [z.int(COUNT).min(1, COUNT), z.literal(UNLIMITED).transform(() => Number.POSITIVE_INFINITY)],
  COUNT,
);
const share = between(0, 1, 'Send a number from 0 to 1.');
const status = z.int(STATUS).min(200, STATUS).max(599, STATUS);

function isHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

const headers = z
  .record(z.string(), text, 'Send an object of header names and texts.')
  .refine((all) => Object.entries(all).every(([name, value]) => isHeader(name, value)), {
    error: 'Send names and texts that HTTP allows in a header.',
  });

const METHOD = 'Send a method in capitals.';
const PATH = 'Send what follows /api/v2, such as /orders/{id}.';

const rule = {
  match: strict({
    method: z
      .string(METHOD)
      .regex(/^[A-Z]+$/, METHOD)
      .exactOptional(),
    path: z.string(PATH).startsWith('/', PATH).exactOptional(),
  }).exactOptional(),
  store: text.exactOptional(),
  times: count.exactOptional(),
  probability: share.exactOptional(),
};

const plainKinds = [
  'hang',
  'hang_after',
  'reset',
  'reset_after',
  'truncated',
  'malformed',
] as const satisfies readonly FaultRule['kind'][];
const allKinds = ['status', 'error200', 'html', 'delay', 'huge', ...plainKinds];

const faultSchema: z.ZodType<FaultRule> = z.discriminatedUnion(
  'kind',
  [
    strict({
      kind: z.literal('status'),
      status,
      message: text.exactOptional(),
      headers: headers.exactOptional(),
      ...rule,
    }),
    strict({ kind: z.literal('error200'), message: text.exactOptional(), ...rule }),
    strict({ kind: z.literal('html'), status: status.exactOptional(), ...rule }),
    strict({
      kind: z.literal('delay'),
      ms: between(0, MOST_MS, `Send milliseconds from 0 to ${MOST_MS}.`),
      ...rule,
    }),
    strict({ kind: z.literal('huge'), bytes: count.exactOptional(), ...rule }),
    strict({ kind: z.enum(plainKinds), ...rule }),
  ],
  {
    error: ({ code }) =>
      code === 'invalid_union' ? `Choose from: ${allKinds.join(', ')}.` : 'Send a JSON object.',
  },
);

const somebodyElseSchema: z.ZodType<SomebodyElseOptions> = strict({
  store: text,
  perSecond: between(0.001, 1000, 'Send requests a second, from 0.001 to 1000.'),
  jitter: share.exactOptional(),
  edits: z.array(text, 'Send a list of order ids, each as text.').exactOptional(),
});

const editable = {
  email: text.exactOptional(),
  shipping_method: text.exactOptional(),
  payment_status: text.exactOptional(),
  customer_id: text.exactOptional(),
  tag_name: text.exactOptional(),
  checkout_data: z.record(z.string(), text, 'Send an object of texts.').exactOptional(),
  order_metadata: z.record(z.string(), z.unknown(), 'Send an object.').exactOptional(),
  folder_id: z.int('Send the id of a folder, as a number.').exactOptional(),
  note: text.exactOptional(),
};
const editSchema: z.ZodType<OrderEdit> = strict(editable);

const drainSchema = strict({ tokens: count.exactOptional() });
const switchesSchema = z.record(z.string(), z.unknown(), 'Send a JSON object of switches and their values.');

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]] : (issue?.path ?? []);
  throw new BadInput(field.join('.') || 'body', issue?.message ?? 'Send a JSON object.');
}

/** @throws BadInput for text that is no JSON. @returns an empty object for an empty body */
export function readJson(body: string): unknown {
  if (body === '') return {};
  try {
    return JSON.parse(body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new BadInput('body', 'Send JSON.');
  }
}

/** Each of these throws BadInput. */
export const readFault = (body: unknown): FaultRule => parse(faultSchema, body);
export const readSomebodyElse = (body: unknown): SomebodyElseOptions => parse(somebodyElseSchema, body);
export const readDrain = (body: unknown) => parse(drainSchema, body);

export function readEdit(body: unknown): OrderEdit {
  const edit = parse(editSchema, body);
  if (Object.keys(edit).length > 0) return edit;
  throw new BadInput('body', `Send at least one of: ${Object.keys(editable).join(', ')}.`);
}

export function readSwitchChange(body: unknown): Partial<SandboxSwitches> {
  try {
    return readSwitches(parse(switchesSchema, body));
  } catch (error) {
    if (error instanceof UnknownSwitch) throw new BadInput(error.switchName, error.message);
    throw error;
  }
}
