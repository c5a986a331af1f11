/** Steady calls of several kinds while something is away; every answer is kept with when it was asked for and given. */
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { callTool } from '../../support/call-tool.js';

/** What came of one call. */
export interface Outcome {
  /** `ok`, the code of an error, or what a failing connection said. */
  readonly outcome: string;
  readonly retryAfterS?: number | undefined;
  /** Of HTTP; 0 where there was no answer. */
  readonly status: number;
  /** What was answered, where somebody will look at it. */
  readonly told?: unknown;
}

export interface Seen extends Outcome {
  readonly what: string;
  readonly replica: number;
  /** Milliseconds on the clock of `performance.now()`. */
  readonly sentAt: number;
  readonly endedAt: number;
}

const refusal = z.object({
  code: z.string(),
  retry_after_s: z.number().optional(),
});
const httpRefusal = z.object({ error: z.object({ data: refusal }) });

/** One call of a tool, judged. */
export async function toolOutcome(
  url: string,
  key: string,
  tool: string,
  args: Record<string, unknown>,
): Promise<Outcome> {
  const { status, text, result, error } = await callTool(url, key, tool, args);
  const refused = refusal.safeParse(error ?? httpRefusal.safeParse(JSON.parse(text)).data?.error.data);
  return refused.success
    ? { outcome: refused.data.code, retryAfterS: refused.data.retry_after_s, status }
    : { outcome: result === undefined ? text : 'ok', status, told: result?.structuredContent };
}

export class Watch {
  readonly #seen: Seen[] = [];
  readonly #loops: Promise<void>[] = [];
  readonly #ending = new AbortController();

  constructor() {
    // Each loop listens.
    setMaxListeners(0, this.#ending.signal);
  }

  /** Everything whose answer is there. */
  get seen(): readonly Seen[] {
    return this.#seen;
  }

  /** Asks once. Never rejects: a connection that fails is an outcome as well. */
  async once(what: string, replica: number, ask: () => Promise<Outcome>): Promise<Seen> {
    const sentAt = performance.now();
    const outcome = await ask().catch((thrown: unknown) => ({ outcome: String(thrown), status: 0 }));
    const seen = { what, replica, sentAt, endedAt: performance.now(), ...outcome };
    this.#seen.push(seen);
    return seen;
  }

  /** Asks again and again, with the number of the question, and never for the second time at once. */
  every(ms: number, what: string, replica: number, ask: (number: number) => Promise<Outcome>): void {
    const loop = async () => {
      for (let number = 0; !this.#ending.signal.aborted; number += 1) {
        const { sentAt } = await this.once(what, replica, () => ask(number));
        const rest = Math.max(0, sentAt + ms - performance.now());
        await pause(rest, undefined, { signal: this.#ending.signal }).catch(() => {});
      }
    };
    this.#loops.push(loop());
  }

  /** Asks no more, and waits for the answers. */
  async end(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#loops);
  }
}
