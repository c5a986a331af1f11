/** zod to JSON Schema, at start-up only: each conversion is counted, and a test holds the count still afterwards. */
import { z } from 'zod';
import type { JsonObject } from './catalogue.js';

let conversions = 0;

/** How many schemas this process has converted so far. */
export const schemaConversions = (): number => conversions;

export function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  conversions += 1;
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return rest;
}
