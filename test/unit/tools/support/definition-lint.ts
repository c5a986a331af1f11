/**
 * What the definition of a tool must say, and what it must not. One sentence for each fault. Words can only be looked for,
 * so this finds what was forgotten, not what was badly said.
 */
import type { ToolDefinition } from '../../../../src/mcp/catalogue.js';
import { lintSchemas } from './schema-lint.js';

const VERBS = {
  read: ['list', 'get', 'find', 'summarize', 'verify'],
  add: ['create', 'add'],
  change: ['update', 'move', 'undo', 'remove', 'delete'],
} as const;

/** Whether a text holds what a sentence about it would. */
const SAYS = {
  when: /\b(use it|use [a-z_]+ for|call it|for how many|when you|is enough)\b/i,
  limits: /\b(at most|up to|never|only|no more than|nothing|takes? time|per day)\b/i,
  effects:
    /\b(adds?|creates?|changes?|replaces?|restores?|moves?|deletes?|removes?|subtracts?|overwrites?|runs?)\b/i,
};

const FORBIDDEN: readonly [RegExp, string][] = [
  [/\b(GET|POST|PUT|PATCH|DELETE) \/?\w|https?:|(^|\s)\/[a-z-]+|\{[a-z_]+\}/, 'names a path of the REST API'],
  [/^\W*[A-Z]{3,}\W*[:\]]/, 'begins with a label in capitals'],
];

/** @param names of all tools, so that a mention of another can be told */
export function lintDefinition(tool: ToolDefinition, names: readonly string[]): string[] {
  return [
    ...lintName(tool.name),
    ...lintTitle(tool.title),
    ...lintDescription(tool, names),
    ...lintHints(tool),
    ...lintSchemas(tool.inputSchema, tool.outputSchema),
  ];
}

const kindOf = (name: string): keyof typeof VERBS | undefined => {
  const verb = name.split('_')[0];
  const kinds = ['read', 'add', 'change'] as const;
  return kinds.find((kind) => VERBS[kind].some((known) => known === verb));
};

const lintName = (name: string): string[] =>
  /^[a-z]+(_[a-z]+)+$/.test(name) && kindOf(name) !== undefined ? [] : ['the name is not verb_noun'];

const lintTitle = (title = ''): string[] =>
  /^[A-Z][a-zA-Z ]{3,40}$/.test(title) ? [] : ['the title is no short heading'];

function lintDescription({ name, description, annotations }: ToolDefinition, names: readonly string[]) {
  const faults: string[] = [];
  const others = names.filter((other) => other !== name);
  if (description.length < 150) faults.push('the description is too short to say when to use the tool');
  if (!SAYS.when.test(description)) faults.push('the description does not say when to use the tool');
  if (!others.some((other) => new RegExp(`\\b${other}\\b`).test(description))) {
    faults.push('the description names no tool to use instead');
  }
  if (!SAYS.limits.test(description)) faults.push('the description names no limit');
  if (annotations?.readOnlyHint !== true && !SAYS.effects.test(description)) {
    faults.push('the description does not say what the tool changes');
  }
  for (const [pattern, fault] of FORBIDDEN) {
    if (pattern.test(description)) faults.push(`the description ${fault}`);
  }
  return faults;
}

const HINTS = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'] as const;

function lintHints({ name, annotations }: ToolDefinition): string[] {
  const missing = HINTS.filter((hint) => typeof annotations?.[hint] !== 'boolean');
  if (missing.length > 0 || annotations === undefined) return [`${missing.join(', ')} not stated`];
  const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = annotations;
  const kind = kindOf(name);
  const faults: string[] = [];
  if (readOnlyHint !== (kind === 'read')) faults.push('readOnlyHint does not fit the verb of the name');
  if (destructiveHint !== (kind === 'change'))
    faults.push('destructiveHint does not fit the verb of the name');
  if (readOnlyHint && !idempotentHint) faults.push('a tool that only reads is idempotent');
  if (!openWorldHint) faults.push('openWorldHint must be true: Order Desk is beyond this server');
  return faults;
}
