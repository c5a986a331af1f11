/** What a server in a process of its own tells over its channel, as far as tests go by it. */
import { z } from 'zod';

const line = z.object({ outcome: z.enum(['applied', 'already', 'failed', 'unknown', 'not_sent']) });

/** Of an answer to a call. */
export const toldAnswer = z.object({
  outcome: z.enum(['applied', 'partly', 'failed', 'unknown', 'unchanged', 'preview']),
  changeId: z.string().nullable(),
  replayed: z.boolean(),
  recorded: z.boolean(),
  apiCalls: z.int(),
  confirmationToken: z.string().optional(),
  lines: z.array(line),
});
export type ToldAnswer = z.infer<typeof toldAnswer>;

/** Of the entries of its ledger. */
export const toldPage = z.object({
  entries: z.array(
    z.object({
      state: z.enum(['claimed', 'pending', 'applied', 'failed', 'unknown']),
      lines: z.array(line).nullable(),
    }),
  ),
});
export type ToldPage = z.infer<typeof toldPage>;

/** How many changes a sweep has settled. */
export const toldCount = z.int();

/** What a call ended with, where it was not an answer. */
export class Refused extends Error {
  readonly code: string;
  readonly retryAfterS: number | undefined;

  constructor({ code, message, retryAfterS }: Refusal) {
    super(`${code}: ${message}`);
    this.code = code;
    this.retryAfterS = retryAfterS;
  }
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly retryAfterS?: number | undefined;
}
