/** A product tool: zod schemas in, a ready `ToolDefinition` out. Arguments are checked here and nowhere else. */
import type { z } from 'zod';
import { AppError } from '../errors.js';
import type { CallContext, JsonObject, ToolAnnotations, ToolDefinition } from './catalogue.js';
import { dataResult } from './result.js';
import { toJsonSchema } from './schema.js';

export interface ToolSpec<Input extends z.ZodType, Output extends z.ZodType> {
  readonly name: string;
  readonly title: string;
  /** When to use it, when not and which tool instead, its side effects and limits. */
  readonly description: string;
  /** A strict object: an unknown argument is refused by name. */
  readonly input: Input;
  readonly output: Output;
  readonly annotations: ToolAnnotations;
  handler(args: z.output<Input>, ctx: CallContext): Promise<z.input<Output> & JsonObject>;
}

export function defineTool<Input extends z.ZodType, Output extends z.ZodType>(
  spec: ToolSpec<Input, Output>,
): ToolDefinition {
  return {
    name: spec.name,
    title: spec.title,
    description: spec.description,
    inputSchema: toJsonSchema(spec.input, 'input'),
    outputSchema: toJsonSchema(spec.output, 'output'),
    annotations: spec.annotations,
    async handle(args, ctx) {
      const parsed = spec.input.safeParse(args ?? {});
      if (!parsed.success) throw argumentError(parsed.error, spec.name);
      return dataResult(await spec.handler(parsed.data, ctx));
    },
  };
}

/** The first thing wrong, named by its path; the rest are listed in the hint. */
function argumentError(error: z.ZodError, tool: string): AppError {
  const problems = error.issues.map(describeIssue);
  const [first, ...others] = problems;
  const rest = others.length === 0 ? '' : ` Also: ${others.map((problem) => problem.text).join(' ')}`;
  return new AppError('invalid_argument', first?.text, {
    ...(first === undefined ? {} : { field: first.field }),
    hint: `Correct the arguments and call ${tool} again.${rest}`,
  });
}

function describeIssue(issue: z.core.$ZodIssue): { field: string; text: string } {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const field = [...path, issue.keys[0] ?? ''].join('.');
    return { field, text: `Unknown argument: ${issue.keys.join(', ')}.` };
  }
  const field = path.join('.') || 'arguments';
  return { field, text: `${field}: ${issue.message}.` };
}
