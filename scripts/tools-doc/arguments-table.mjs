/** The arguments of a tool as a table, from its JSON Schema. */

/** @typedef {{ type?: string, description?: string, enum?: unknown[], anyOf?: Schema[], items?: Schema, properties?: Record<string, Schema>, required?: string[], default?: unknown, minimum?: number, maximum?: number, minItems?: number, maxItems?: number }} Schema */

const LINES = ['| argument | type | default | meaning |', '| --- | --- | --- | --- |'];

/** @param {Schema} schema */
export function argumentsTable(schema) {
  const rows = rowsOf(schema, '');
  return rows.length === 0 ? 'It takes no arguments.' : [...LINES, ...rows].join('\n');
}

/** Objects in arguments get a row for each member. @param {Schema} schema @param {string} path @returns {string[]} */
const rowsOf = ({ properties = {}, required = [] }, path) =>
  Object.entries(properties).flatMap(([name, member]) => {
    const cells = [
      `\`${path}${name}\`${required.includes(name) ? ' **required**' : ''}`,
      typeOf(member),
      member.default === undefined ? '' : code(member.default),
      member.description ?? '',
    ];
    const inner = member.items ?? member;
    const row = `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    return [row, ...rowsOf(inner, `${path}${name}${member.items === undefined ? '.' : '[].'}`)];
  });

/** @param {Schema} schema @returns {string} */
function typeOf(schema) {
  if (schema.enum !== undefined) return oneOf(schema.enum);
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(', or ');
  if (schema.type === 'array') return listOf(schema);
  return `${schema.type ?? 'any'}${range(schema.minimum, schema.maximum)}`;
}

/** Where each value can stand once, their number bounds the list. @param {Schema} schema */
const listOf = ({ items = {}, minItems, maxItems }) =>
  items.enum === undefined
    ? `list${range(minItems, maxItems)} of ${typeOf(items)}`
    : `list of ${oneOf(items.enum)}`;

/** @param {readonly unknown[]} values */
const oneOf = (values) =>
  values.length < 2
    ? values.map(code).join('')
    : `${values.slice(0, -1).map(code).join(', ')} or ${code(values.at(-1))}`;

/** @param {number | undefined} least @param {number | undefined} most */
function range(least, most) {
  if (least === undefined && most === undefined) return '';
  if (least === undefined) return `, at most ${number(most)}`;
  return most === undefined ? `, at least ${number(least)}` : ` (${number(least)} to ${number(most)})`;
}

/** @param {number | undefined} value */
const number = (value) => value?.toLocaleString('en') ?? '';

/** @param {unknown} value */
const code = (value) =>
  `\`${typeof value === 'string' ? value : JSON.stringify(value).replaceAll(',', ', ')}\``;
