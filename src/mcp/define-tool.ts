/** A product tool: zod schemas in, a ready `ToolDefinition` out. Arguments are checked here and nowhere else. */
import type { z } from 'zod';
import { argumentError, plainWords } from './argument-errors.js';
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
  /** Absent for `default`. */
  readonly toolset?: string;
  /** It reads so much that it may take longer, where the client can watch it progress. */
  readonly scans?: boolean;
  handler(args: z.output<Input>, ctx: CallContext): Promise<z.input<Output> & JsonObject>;
}

export function defineTool<Input extends z.ZodType, Output extends z.ZodType>(
  spec: ToolSpec<Input, Output>,
): ToolDefinition {
  const inputSchema = toJsonSchema(spec.input, 'input');
  const known = Object.keys(inputSchema.properties ?? {});
  return {
    name: spec.name,
    title: spec.title,
    description: spec.description,
    inputSchema,
    outputSchema: toJsonSchema(spec.output, 'output'),
    annotations: spec.annotations,
    ...(spec.toolset === undefined ? {} : { toolset: spec.toolset }),
    ...(spec.scans === undefined ? {} : { scans: spec.scans }),
    async handle(args, ctx) {
      const parsed = spec.input.safeParse(args ?? {}, { error: plainWords });
      if (!parsed.success) throw argumentError(parsed.error, spec.name, known);
      return dataResult(await spec.handler(parsed.data, ctx));
    },
  };
}
