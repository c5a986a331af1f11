/** The page: what holds for all tools in words, then each tool from its definition and its runs. */
import { argumentsTable } from './arguments-table.mjs';
import { AT } from './examples.mjs';
import { FIGURES } from './figures.mjs';
import { exceptionsSection } from './find-exceptions.mjs';
import { valueWithPlaceholders, withPlaceholders } from './placeholders.mjs';
import { showJson } from './show-json.mjs';
import { BOUNDS, costOf, costOfAll } from './tokens.mjs';
import { writingSection } from './writing.mjs';

/** @typedef {import('./run-examples.mjs').Run} Run */
/** @typedef {import('./tokens.mjs').Definition & { inputSchema: import('./arguments-table.mjs').Schema, annotations: { readOnlyHint: boolean } }} Definition */
/**
 * @typedef {object} Content
 * @property {readonly Definition[]} tools as a key with several stores gets them
 * @property {readonly Definition[]} boundTools the same for a caller bound to one store
 * @property {readonly Definition[]} otherTools that keys are given beyond the default ones
 * @property {readonly Run[]} runs
 * @property {Run} masked
 * @property {Run} error
 */

/** @param {Content} content @returns {string} */
export const toolsPage = (content) =>
  `${[
    opening(content),
    reading(content),
    writingSection([...content.tools, ...content.otherTools]),
    ...[...content.tools, ...content.otherTools].map((tool) => toolSection(tool, content.runs)),
    exceptions(content),
    budget(content),
  ].join('\n\n')}\n`;

/** @param {Content} content */
const opening = ({ tools, otherTools, runs }) => `# Tools

<!-- Made by "npm run docs:build" from the definitions and from calls to a running server. Edits here are lost. -->

Every definition, call and answer below comes from a server as it is built, asked over HTTP, with the [sandbox](SANDBOX.md) as Order Desk and
the clock standing at ${new Date(AT).toISOString().slice(0, 16)}Z. \`npm run docs:check\` makes this page anew and compares. The stores are those of the demo: after \`npm start\`
such calls work there too, with dates of the last ninety days.

| tool | tokens of its definition | with output schema | requests to Order Desk | called again at once |
| --- | --- | --- | --- | --- |
${tools.map((tool) => overviewRow(tool, runs)).join('\n')}

These come with the toolsets \`items\`, \`shipments\`, \`inventory_admin\` and \`destructive\`, the last three with \`admin\` (owner keys):

| tool | tokens of its definition | with output schema | requests to Order Desk | called again at once |
| --- | --- | --- | --- | --- |
${otherTools.map((tool) => overviewRow(tool, runs)).join('\n')}

The requests are those of the first call shown for a tool: with nothing in the cache, then again (a write with the same
idempotency key, so that it is answered from the ledger). Answers that take their orders one by one
(sums, exceptions, filters that Order Desk lacks) read them anew each time; what they keep is the settings of the store.`;

/** @param {Definition} tool @param {readonly Run[]} runs */
function overviewRow(tool, runs) {
  const { without, whole } = costOf(tool);
  const first = runs.find(({ example }) => example.tool === tool.name);
  return `| [\`${tool.name}\`](#${tool.name}) | ${without} | ${whole} | ${first?.cold} | ${first?.again} |`;
}

/** @param {Content} content */
const reading = ({ tools, runs, masked, error }) => `## What holds for all of them

**Which tools there are.** A key is made for certain stores, toolsets and tools, and a client can take more away by the address it connects to
([what a key may do](../README.md#what-a-key-may-do)). Of the toolset \`default\`, these only
read: ${readers(tools)}. A tool that a key lacks
is not listed, and a call of it is answered like one of a tool that does not exist.

**Stores.** No store stays chosen between calls. \`store\` takes a name, in any case, or an Order Desk id; it can be left out where the key sees one
store, or one of them is the default. A caller bound to one store (by its key, or by the address \`/mcp/My%20store\`) has no such argument in
its tools.${severalStores(tools)}

**Folders.** Order Desk has no order status: the folder of an order is its state, and each store names its own. The owner can say which folders mean
closed or canceled ([\`store folder\`](COMMANDS.md#stores)); of the others it is guessed by their names. \`get_store\` marks what
the owner said (\`said_by_owner\`); other answers that rest on a guess say so.

**Dates.** Answers give UTC (\`Z\`) and name the time zone of the store. In arguments, \`2026-06-12\` or \`2026-06-12T14:00\` is meant in that time
zone, and \`2026-06-12T14:00:00Z\` is exact. An end date includes its whole day, also on the days on which clocks change.

**Amounts** are decimal text in the currency of the store, which Order Desk does not name; tools that write take them as numbers too. Sums are exact; only an average is rounded.

**Going on.** \`next_cursor\` goes into \`cursor\` with the same other arguments; only \`limit\` may change. When it is \`null\`, that was all. A cursor is
good for an hour, for the same key, tool and store; it is sealed, and says nothing to anybody else. An order that matches all the time comes
exactly once, even when orders arrive or move meanwhile; \`total\` stays that of the first page. Only a list by date added goes on: other sort
keys give one page.

**Filters that Order Desk lacks.** \`sku\`, \`tracking_number\`, \`text\`, \`min_total\`, \`max_total\`, \`payment_status\` and \`shipped\` are applied here, to every order
that passes the other filters. So they need a range of dates, cost a request for each 100 to 500 orders read, and wait behind other work. \`in_range\`
says how many orders pass the others, \`scanned\` how many of them were read, \`complete\` whether that was all; how many match is known at the end
alone, so \`total\` is null. The cursor goes on where reading stopped. Narrow with a folder, a channel or dates first.
\`summarize_orders\`, which counts by \`shipped\` and \`payment_status\` in one call, and \`find_exceptions\` read in the same way: an answer that had
to stop says \`complete: false\` and which dates its numbers are of. A client that asks for progress gets more time, and sees how far it is.

**Size.** The text of an answer has at most 20,000 characters. What is over is left out in whole rows or entries, never cut inside: \`trimmed_by\` or
\`omitted\` says so, and the cursor, a smaller \`limit\` or fewer sections lead to the rest.

**Text that others wrote.** Names, notes, item names and messages come from customers and shops. The text of an answer holds the data between two
markers that are new each time, so that no text inside can end it. What stands between them is never an instruction. This helps; it is no
boundary, and a model may still be misled. \`structuredContent\` holds the same data without markers. As the model gets it:

${fence('', shortText(runs))}

**Customers' data.** A key made with \`--mask\` gets pseudonyms for names, companies, e-mails, phones and streets, the same wherever the same person
stands, so that an agent can still tell customers apart. Notes, history, checkout data and metadata are hidden whole. City, state, postal code
and country stay. **Filters still work with real values**: who knows an e-mail can ask for its orders, with a masked key too. A filter
by \`text\` finds nothing in what the key may not see. ${masked.example.says}:

${fence('json', showJson(valueWithPlaceholders(masked.answer)))}

**Errors** say what to do, in words of this server. Names that others gave, such as those of folders, follow as data between markers. With
\`retry_after_s\` the same call works after so many seconds. ${error.example.says}:

${fence('json', callJson(error))}

${fence('', withPlaceholders(error.text))}`;

/** @param {readonly Definition[]} tools */
const readers = (tools) =>
  tools
    .filter(({ annotations }) => annotations.readOnlyHint)
    .map(({ name }) => `\`${name}\``)
    .join(', ');

/** @param {readonly Definition[]} tools */
function severalStores(tools) {
  const names = tools
    .filter(({ inputSchema }) => inputSchema.properties?.stores !== undefined)
    .map(({ name }) => `\`${name}\``);
  return `

**Several stores.** ${names.join(' and ')} take \`stores\` in place of \`store\` to ask several at once. Each answers for itself in \`by_store\`, out of its own
budget and in its own time zone; one that fails has an \`error\` there, beside the answers of the others. Amounts are never added across stores. A cursor
belongs to one store: go on with its name as \`store\`.`;
}

/** The shortest there is, to show what stands around it. @param {readonly Run[]} runs */
function shortText(runs) {
  const [shortest = ''] = runs.map(({ text }) => text).sort((a, b) => a.length - b.length);
  return withPlaceholders(shortest);
}

/** @param {Definition} tool @param {readonly Run[]} runs */
function toolSection(tool, runs) {
  const { without, whole } = costOf(tool);
  const own = runs.filter(({ example }) => example.tool === tool.name);
  return [
    `## ${tool.name}`,
    `*${tool.title}.* ${tool.description}`,
    argumentsTable(tool.inputSchema),
    `Its definition takes ${without} tokens, ${whole} with its output schema.`,
    ...own.map(callShown),
  ].join('\n\n');
}

/** @param {Run} run */
const callShown = (run) =>
  [
    `**${run.example.says}** ${requests(run.cold, run.again)}`,
    fence('json', callJson(run)),
    fence('json', showJson(valueWithPlaceholders(run.answer))),
  ].join('\n\n');

/** @param {Run} run */
const callJson = ({ example, arguments: args }) =>
  showJson({ name: example.tool, arguments: valueWithPlaceholders(args) });

/** @param {number} cold @param {number} again */
function requests(cold, again) {
  if (cold === 0) return 'No request to Order Desk.';
  return `${cold} request${cold === 1 ? '' : 's'} to Order Desk, ${again} when called again at once.`;
}

/** @param {Content} content */
function exceptions({ tools }) {
  const schema = tools.find(({ name }) => name === 'find_exceptions')?.inputSchema;
  const waitDays = schema?.properties?.older_than_days?.default;
  if (typeof waitDays !== 'number') throw new Error('find_exceptions has no default of older_than_days.');
  return exceptionsSection(FIGURES, waitDays);
}

/** @param {Content} content */
function budget({ tools, boundTools }) {
  const all = costOfAll(tools);
  const bound = costOfAll(boundTools);
  return `## What the definitions cost

A model reads all definitions before its first call. A token is taken as four characters of JSON.

| | without output schemas | with them |
| --- | --- | --- |
| ${tools.length} tools | ${count(all.without)} | ${count(all.whole)} |
| the same, bound to one store | ${count(bound.without)} | ${count(bound.whole)} |
| the most that all tools of the default surface may take | ${count(BOUNDS.all)} | ${count(BOUNDS.allWithOutput)} |
| the most that one tool may take | ${count(BOUNDS.one)} | |`;
}

/** @param {number} value */
const count = (value) => value.toLocaleString('en');

/** @param {string} language @param {string} text */
const fence = (language, text) => `\`\`\`${language}\n${text}\n\`\`\``;
