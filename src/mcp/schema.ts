/** zod to JSON Schema, at start-up only: each conversion is counted, and a test holds the count still afterwards. */
import { z } from 'zod';
import type { JsonObject } from './catalogue.js';

let conversions = 0;

/** How many schemas this process has converted so far. */
export const schemaConversions = (): number => conversions;

export function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  conversions += 1;
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    override: ({ jsonSchema, path }) => {
      dropRedundant(jsonSchema, io);
      // What every answer has is promised for its first level; deeper, the lists of names would cost more than they tell.
      if (io === 'output' && path.length > 0) delete jsonSchema.required;
    },
  });
  return rest;
}

/** Models pay for every character: what JSON implies goes, and answers stay open to members that come later. */
function dropRedundant(schema: z.core.JSONSchema.BaseSchema, io: 'input' | 'output'): void {
  if (isAnyText(schema.propertyNames)) delete schema.propertyNames;
  if (io === 'output' && isOpenOrClosed(schema.additionalProperties)) delete schema.additionalProperties;
  if (schema.properties !== undefined && Object.keys(schema.properties).length === 0 && io === 'output') {
    delete schema.properties;
  }
}

const isAnyText = (rule: unknown): boolean => JSON.stringify(rule) === '{"type":"string"}';

const isOpenOrClosed = (rule: unknown): boolean =>
  rule === false || (typeof rule === 'object' && rule !== null && Object.keys(rule).length === 0);
