/** Looking into JSON Schemas, as far as the definitions of tools use them. */

export type Schema = Readonly<Record<string, unknown>>;

export const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The members of an object schema by name. */
export const propertiesOf = (schema: unknown): [string, Schema][] =>
  isSchema(schema) && isSchema(schema.properties)
    ? Object.entries(schema.properties).filter((entry): entry is [string, Schema] => isSchema(entry[1]))
    : [];

/** What a schema allows beside members of its own: alternatives, entries of a list, values of a map. */
const within = ({ anyOf, items, additionalProperties }: Schema): Schema[] =>
  [...(Array.isArray(anyOf) ? anyOf : []), items, additionalProperties].filter(isSchema);

/** Every named member at any depth, with its path. */
export function membersOf(schema: unknown, path = ''): [string, Schema][] {
  if (!isSchema(schema)) return [];
  return [
    ...propertiesOf(schema).flatMap(([name, member]): [string, Schema][] => [
      [`${path}${name}`, member],
      ...membersOf(member, `${path}${name}.`),
    ]),
    ...within(schema).flatMap((inner) => membersOf(inner, path)),
  ];
}

/** Every schema of an object with members of its own, the outermost first. */
export function objectsOf(schema: unknown): Schema[] {
  if (!isSchema(schema)) return [];
  const inner = [...propertiesOf(schema).map(([, member]) => member), ...within(schema)];
  return [...(isSchema(schema.properties) ? [schema] : []), ...inner.flatMap(objectsOf)];
}

export const descriptionOf = ({ description }: Schema): string =>
  typeof description === 'string' ? description : '';
