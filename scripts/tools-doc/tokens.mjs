/** What definitions cost a model, and what they may cost. A token is taken as four characters of JSON. */

/** Of all tools that an agent gets by default, fifteen once those that write are there. */
export const BOUNDS = {
  /** One definition, without its output schema. */
  one: 1_500,
  /** All together, without output schemas. */
  all: 7_500,
  /** All together, with output schemas. */
  allWithOutput: 11_000,
};

/** @param {unknown} value JSON */
export const tokensOf = (value) => Math.ceil(JSON.stringify(value).length / 4);

/**
 * @typedef {object} Definition a tool as clients are told of it
 * @property {string} name
 * @property {string} [title]
 * @property {string} description
 * @property {object} inputSchema
 * @property {object} [outputSchema]
 * @property {object} [annotations]
 */

/** Without and with the output schema: not every client passes that on to its model. @param {Definition} definition */
export function costOf({ name, title, description, inputSchema, outputSchema, annotations }) {
  const without = { name, title, description, inputSchema, annotations };
  return { without: tokensOf(without), whole: tokensOf({ ...without, outputSchema }) };
}

/** @param {readonly Definition[]} definitions */
export function costOfAll(definitions) {
  const costs = definitions.map(costOf);
  return {
    without: costs.reduce((sum, { without }) => sum + without, 0),
    whole: costs.reduce((sum, { whole }) => sum + whole, 0),
  };
}
