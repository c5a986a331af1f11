/** What every definition must say about itself, and what all of them may cost a model. Tokens are characters / 4. */
import { describe, expect, it } from 'vitest';
import { makeCatalogue } from '../../../src/tools/index.js';
import { gatewayOf, InMemoryStore } from './support/gateway.js';
import { toolDeps } from './support/ports.js';

type Schema = Record<string, unknown>;

const { tools, instructions, forOneStore } = makeCatalogue(toolDeps(gatewayOf(new InMemoryStore())));
const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null;
const properties = (schema: unknown): [string, Schema][] =>
  isSchema(schema) && isSchema(schema.properties)
    ? Object.entries(schema.properties).filter((entry): entry is [string, Schema] => isSchema(entry[1]))
    : [];

/** Every named member of a schema, at any depth, with its path. */
function members(schema: unknown, path = ''): [string, Schema][] {
  if (!isSchema(schema)) return [];
  const alternatives = Array.isArray(schema.anyOf) ? schema.anyOf : [];
  return [
    ...properties(schema).flatMap(([name, member]): [string, Schema][] => [
      [`${path}${name}`, member],
      ...members(member, `${path}${name}.`),
    ]),
    ...[...alternatives, schema.items].flatMap((inner) => members(inner, path)),
  ];
}

const tokens = (value: unknown): number => Math.ceil(JSON.stringify(value).length / 4);

describe.each(tools)('$name', (tool) => {
  const { name, title, description, annotations, inputSchema, outputSchema } = tool;

  it('has a verb_noun name and a title of its own', () => {
    expect(name).toMatch(/^(list|get|find|summarize|create|update|move|add|remove|delete|undo)(_[a-z]+)+$/);
    expect(title).toMatch(/^[A-Z][a-zA-Z ]{3,40}$/);
  });

  it('says when to use it and which tool to use instead', () => {
    const others = tools.map((other) => other.name).filter((other) => other !== name);
    expect(others.some((other) => description.includes(other))).toBe(true);
    expect(description.length).toBeGreaterThan(150);
    expect(description).not.toMatch(/\/orders|GET |POST |PUT |DELETE |WRITE:|https?:/);
  });

  it('states all four hints', () => {
    expect(annotations).toEqual({
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: true,
    });
  });

  it('refuses unknown arguments and describes every one it knows', () => {
    expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
    for (const [parameter, schema] of properties(inputSchema)) {
      expect({ parameter, description: schema.description }).toEqual({
        parameter,
        description: expect.stringMatching(/^.{10,}\.$/),
      });
    }
  });

  it('names arguments and results in snake_case and no argument after a credential', () => {
    for (const [path] of [...members(inputSchema), ...members(outputSchema)]) {
      expect(path).toMatch(/^[a-z][a-z0-9_.]*$/);
    }
    for (const [path] of members(inputSchema)) {
      const last = path.split('.').at(-1) ?? '';
      if (last === 'idempotency_key' || last === 'confirmation_token') continue;
      expect(path).not.toMatch(/key|secret|token|password/);
    }
  });

  it('has an output schema that is an object', () => {
    expect(outputSchema).toMatchObject({ type: 'object' });
  });

  it('costs at most 1,500 tokens', () => {
    expect(tokens({ name, title, description, annotations, inputSchema, outputSchema })).toBeLessThanOrEqual(
      1500,
    );
  });
});

describe('the catalogue', () => {
  it('differs for a caller bound to one store by the choice of a store alone', () => {
    for (const [index, { inputSchema, ...tool }] of tools.entries()) {
      const bound = forOneStore?.tools[index];
      const { store, ...rest } = Object.fromEntries(properties(inputSchema));
      expect(store === undefined).toBe(tool.name === 'list_stores');
      expect(Object.fromEntries(properties(bound?.inputSchema))).toEqual(rest);
      expect(bound).toMatchObject({ name: tool.name, description: tool.description, toolset: tool.toolset });
    }
  });

  it('marks text that customers wrote', () => {
    const marked = new Set(
      tools.flatMap(({ outputSchema }) =>
        members(outputSchema)
          .filter(
            ([, { description }]) => typeof description === 'string' && /untrusted text/i.test(description),
          )
          .map(([path]) => path),
      ),
    );
    // Of an order, the whole: what is marked above holds for every text below.
    for (const path of [
      'rows',
      'rows.name',
      'rows.city',
      'rows.source_id',
      'rows.tracking',
      'order',
      'matches',
    ]) {
      expect(marked).toContain(path);
    }
  });

  it('stays within its share of the token budget', () => {
    const lines = tools.map((tool) => {
      const { outputSchema, ...rest } = tool;
      return { name: tool.name, without: tokens(rest), output: tokens(outputSchema) };
    });
    const sum = (part: 'without' | 'output') => lines.reduce((total, line) => total + line[part], 0);
    process.stdout.write(
      `${[...lines, { name: 'in all', without: sum('without'), output: sum('output') }]
        .map((line) => `  ${line.name.padEnd(12)} ${line.without} tokens, output schema ${line.output}`)
        .join('\n')}\n`,
    );
    expect(sum('without')).toBeLessThanOrEqual(3500);
    expect(sum('without') + sum('output')).toBeLessThanOrEqual(7000);
  });

  it('is the one that was agreed: a change of what models read is seen in review', () => {
    const shown = tools.map(({ name, title, description, annotations, inputSchema, outputSchema }) => ({
      name,
      title,
      description,
      annotations,
      inputSchema,
      outputSchema,
    }));
    expect({ instructions, tools: shown }).toMatchSnapshot();
  });

  it('has instructions of at most 1,500 characters', () => {
    for (const text of [instructions, forOneStore?.instructions ?? '']) {
      expect(text.length).toBeLessThanOrEqual(1500);
      for (const { name } of tools) expect(text).toContain(name);
    }
  });
});
