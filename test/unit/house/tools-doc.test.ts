/** What makes `docs/TOOLS.md`, apart from the calls themselves: `npm run docs:check` makes those. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argumentsTable } from '../../../scripts/tools-doc/arguments-table.mjs';
import { EXAMPLES } from '../../../scripts/tools-doc/examples.mjs';
import { valueWithPlaceholders, withPlaceholders } from '../../../scripts/tools-doc/placeholders.mjs';
import { showJson } from '../../../scripts/tools-doc/show-json.mjs';
import { costOf, costOfAll } from '../../../scripts/tools-doc/tokens.mjs';
import { COSTS, UNKNOWN_CASES } from '../../../scripts/tools-doc/writing.mjs';
import { makeCatalogue, TOOL_NAMES } from '../../../src/tools/index.js';
import { gatewayOf, InMemoryStore } from '../tools/support/gateway.js';
import { toolDeps } from '../tools/support/ports.js';

describe('the page of the tools', () => {
  it('has an example of every tool, and of no other', () => {
    expect([...new Set(EXAMPLES.map(({ tool }) => tool))]).toEqual(TOOL_NAMES);
  });

  it('says of every tool that writes to a store what it costs, and when its outcome stays unknown', () => {
    const { tools } = makeCatalogue(toolDeps(gatewayOf(new InMemoryStore())));
    const writing = tools
      .filter(({ annotations, toolset }) => annotations?.readOnlyHint === false && toolset !== 'admin')
      .map(({ name }) => name);
    expect(Object.keys(UNKNOWN_CASES)).toEqual(writing);
    expect([...new Set(COSTS.map(({ tool }) => tool))]).toEqual(writing);
  });

  it('shows JSON that is the same JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(showJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('shows what fits on one line, and the rest by member', () => {
    const long = 'x'.repeat(106);
    expect(showJson({ a: [1, { b: 'c' }], empty: {} })).toBe('{ "a": [1, { "b": "c" }], "empty": {} }');
    expect(showJson({ a: { b: 1 }, long })).toBe(`{\n  "a": { "b": 1 },\n  "long": "${long}"\n}`);
    expect(showJson([long, 1])).toBe(`[\n  "${long}",\n  1\n]`);
  });

  it('shows nothing that is new in every answer', () => {
    const cursor = 'A1b_-'.repeat(20);
    const answer = {
      rows: [{ name: 'name-0a1b2c3d', email: 'mail-00ff00ff' }, { name: 'name-0a1b2c3d' }],
      next_cursor: cursor,
      version: '0621c4d898e4520146520a1155141c10',
    };
    expect(valueWithPlaceholders(answer)).toEqual({
      rows: [{ name: 'name-00000001', email: 'mail-00000002' }, { name: 'name-00000001' }],
      next_cursor: '…',
      version: answer.version,
    });
    expect(withPlaceholders('<data-68fbce02b168>\n{}\n</data-68fbce02b168>')).toBe('<data-…>\n{}\n</data-…>');
  });

  it('has a row for each argument, with what its schema says', () => {
    const table = argumentsTable({
      type: 'object',
      required: ['lines'],
      properties: {
        sort: { enum: ['asc', 'desc', 'none'], default: 'desc', description: 'Which first | last.' },
        limit: { type: 'integer', minimum: 1, maximum: 20_000, description: 'Most rows.' },
        folder: {
          anyOf: [
            { type: 'string' },
            { type: 'array', minItems: 1, maxItems: 50, items: { type: 'string' } },
          ],
        },
        fields: { type: 'array', maxItems: 2, items: { enum: ['a', 'b'] }, default: [] },
        lines: {
          type: 'array',
          items: { type: 'object', required: ['code'], properties: { code: { type: 'string' } } },
        },
      },
    });
    expect(table.split('\n').slice(2)).toEqual([
      '| `sort` | `asc`, `desc` or `none` | `desc` | Which first \\| last. |',
      '| `limit` | integer (1 to 20,000) |  | Most rows. |',
      '| `folder` | string, or list (1 to 50) of string |  |  |',
      '| `fields` | list of `a` or `b` | `[]` |  |',
      '| `lines` **required** | list of object |  |  |',
      '| `lines[].code` **required** | string |  |  |',
    ]);
    expect(argumentsTable({ type: 'object', properties: {} })).toBe('It takes no arguments.');
  });

  it('counts four characters of what clients are told as a token', () => {
    const tool = { name: 'a', description: 'b', inputSchema: {} };
    expect(costOf(tool)).toEqual({ without: 12, whole: 12 });
    const withOutput = { ...tool, outputSchema: { type: 'object' } };
    expect(costOf(withOutput)).toEqual({ without: 12, whole: 20 });
    expect(costOfAll([tool, withOutput])).toEqual({ without: 24, whole: 32 });
  });
});
