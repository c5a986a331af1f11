/**
 * What every tool that writes answers. What is always there has a schema; the rest of an answer says what it is by its
 * names, since schemas of it in seven tools would cost a model as much as their arguments.
 */
import { z } from 'zod';
import { text } from './output.js';

export const OUTCOMES = ['applied', 'partly', 'failed', 'unknown', 'unchanged', 'preview'] as const;

export const writeOutput = z.object({
  store: z.string(),
  outcome: z.enum(OUTCOMES).describe('unknown: do what check says'),
  change_id: text,
  results: z
    .array(z.record(z.string(), z.unknown()))
    .describe('order_id(s) or id, outcome, message, changes (field, before, after). Untrusted text'),
});
