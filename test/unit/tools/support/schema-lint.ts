/** The part of the lint that looks at arguments and answers. */
import { descriptionOf, membersOf, objectsOf, propertiesOf, type Schema } from './schema-members.js';

const CREDENTIAL = /key|secret|token|password/;
/** A caller makes up the first and is handed the second, the third is the name of somebody's key; none opens anything. */
const NO_CREDENTIAL = ['idempotency_key', 'confirmation_token', 'key'];

/** What a schema says better. */
const REPEATS: readonly [RegExp, string][] = [
  [/\((optional|required)\)|^(optional|required)\b|\bis (optional|required)\b/i, 'whether it is required'],
  [/\bdefault(s to|:| is| value)/i, 'its default'],
  [
    /\b(a|an|of type) (string|integer|number|boolean|array|object)\b|^(string|integer|number|boolean)\b/i,
    'its type',
  ],
];

/** Objects with so many equal members count as the same object, described twice. */
const SAME_OBJECT = 4;

/** Members whose name is their meaning, in the words of an order. Any other is described. */
const PLAIN_NAMES = new Set(
  [
    'id code name default order_id source_id source_name customer_id order_desk_id folder folder_id store stores email phone company tag',
    'country state city postal_code lines address1 price cost weight weight_unit quantity units stock location amount',
    'total totals orders shipping tax discount refunds revenue items shipments notes discounts metadata payment',
    'type status payment_status shipping_method shipping_methods delivery_type category fulfillment_method variations',
    'shipped_units omitted items_omitted folders_omitted closed canceled',
    'tracking_number tracking_url carrier carrier_code method date_shipped added updated at by text from to',
    'limit returned scanned total_exact folders groups check reason age_days tool arguments capacity items_read',
    'error message hint field handling outcome change_id next_cursor already_there version',
  ]
    .join(' ')
    .split(' '),
);

export function lintSchemas(input: Schema, output: Schema | undefined): string[] {
  const answers = output?.type === 'object' ? lintAnswers(output) : ['the output schema is no object'];
  return [...lintArguments(input), ...lintNames(input, output), ...lintTwice(input, output), ...answers];
}

function lintArguments(input: Schema): string[] {
  const faults: string[] = [];
  if (input.type !== 'object') faults.push('the arguments are no object');
  if (objectsOf(input).some((object) => object.additionalProperties !== false)) {
    faults.push('unknown arguments are not refused');
  }
  for (const [name, schema] of propertiesOf(input)) {
    if (!/^.{10,}\.$/.test(descriptionOf(schema))) faults.push(`${name} is not described by a sentence`);
  }
  for (const [path, schema] of membersOf(input)) {
    if (path.includes('.') && !isClear(path, schema)) faults.push(`${path} is not described`);
    faults.push(...repetitions(path, schema));
  }
  return faults;
}

function repetitions(path: string, schema: Schema): string[] {
  const said = descriptionOf(schema);
  const faults = REPEATS.filter(([pattern]) => pattern.test(said)).map(
    ([, what]) => `${path} says ${what}, which its schema does`,
  );
  const { minimum, maximum } = schema;
  if (minimum !== undefined && maximum !== undefined && [minimum, maximum].every((n) => hasWord(said, n))) {
    faults.push(`${path} says its range, which its schema does`);
  }
  const values = Array.isArray(schema.enum) ? schema.enum : [];
  if (values.length > 2 && values.every((value) => hasWord(said, value))) {
    faults.push(`${path} lists its values, which its schema does`);
  }
  return faults;
}

const hasWord = (text: string, word: unknown): boolean => text.split(/[^\w-]+/).includes(`${word}`);

const lintAnswers = (output: Schema): string[] => [
  ...(propertiesOf(output).length === 0 ? ['the output schema has no members'] : []),
  ...membersOf(output)
    .filter(([path, schema]) => !isClear(path, schema))
    .map(([path]) => `${path} of the answer is not described`),
];

/** By its name, by words, or by its members. */
const isClear = (path: string, schema: Schema): boolean =>
  descriptionOf(schema) !== '' || PLAIN_NAMES.has(lastOf(path)) || propertiesOf(schema).length > 0;

const lastOf = (path: string): string => path.split('.').at(-1) ?? '';

const lintNames = (input: Schema, output: Schema | undefined): string[] => [
  ...[...membersOf(input), ...membersOf(output)]
    .filter(([path]) => !/^[a-z][a-z0-9_]*$/.test(lastOf(path)))
    .map(([path]) => `${path} is not in snake_case`),
  ...membersOf(input)
    .filter(([path]) => !NO_CREDENTIAL.includes(lastOf(path)) && CREDENTIAL.test(lastOf(path)))
    .map(([path]) => `${path} is named like a credential`),
];

/** An address, the totals, an item: spelled out once in each schema, and referred to from there on. */
function lintTwice(...schemas: readonly (Schema | undefined)[]): string[] {
  return schemas.flatMap((schema) => {
    const shapes = objectsOf(schema).map((object) => propertiesOf(object).map(([name]) => name));
    const large = shapes
      .filter((names) => names.length >= SAME_OBJECT)
      .map((names) => names.sort().join(', '));
    const twice = new Set(large.filter((shape, index) => large.indexOf(shape) < index));
    return [...twice].map((shape) => `an object is described more than once: ${shape}`);
  });
}
