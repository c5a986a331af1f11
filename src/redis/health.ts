/**
 * Whether Redis is to be asked. Slowness is worse than absence: after a few time-outs in a row it is left alone, and
 * only a question of our own, not a caller's, finds out that it is back.
 *
 * Nor does it wait for a caller to find out that it is away: it is asked once at the start, and a lost connection tells.
 */

/** Time-outs in a row after which Redis counts as away. */
const TIMEOUTS_TO_AWAY = 3;
/**
 * A stall, of Redis or of this process, ends every command under way at once, which counts as one time-out.
 * Milliseconds, less than the time-out of a command.
 */
const ONE_STALL_MS = 50;

export type RedisState = 'away' | 'there';

export interface RedisHealthOptions {
  /** Resolves when Redis does all that callers want of it. */
  readonly ask: () => Promise<unknown>;
  /** Milliseconds between two such questions while it is away. */
  readonly retryMs: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** @param reason why it is away; `undefined` when it is back */
  readonly onChange: (state: RedisState, reason: unknown) => void;
}

export class RedisHealth {
  readonly #options: RedisHealthOptions;
  #timeouts = 0;
  #countedAt = Number.NEGATIVE_INFINITY;
  #state: RedisState = 'there';
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RedisHealthOptions) {
    this.#options = options;
  }

  get state(): RedisState {
    return this.#state;
  }

  /** Asks once, so that the state is right before the first caller. One failure of any kind is enough. */
  async start(): Promise<void> {
    try {
      await this.#options.ask();
    } catch (reason) {
      this.#away(reason);
    }
  }

  succeeded(): void {
    this.#timeouts = 0;
  }

  failed(reason: unknown): void {
    if (!isTimeout(reason)) {
      this.#away(reason);
      return;
    }
    const now = this.#options.now();
    if (now - this.#countedAt < ONE_STALL_MS) return;
    this.#countedAt = now;
    this.#timeouts += 1;
    if (this.#timeouts >= TIMEOUTS_TO_AWAY) this.#away(reason);
  }

  /** The connection is gone, whether or not anybody was asking. */
  lost(reason: unknown): void {
    this.#away(reason);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #away(reason: unknown): void {
    if (this.#state === 'away' || this.#closed) return;
    this.#state = 'away';
    this.#options.onChange('away', reason);
    this.#askLater();
  }

  #askLater(): void {
    this.#timer = setTimeout(() => void this.#askNow(), this.#options.retryMs);
    this.#timer.unref();
  }

  async #askNow(): Promise<void> {
    try {
      await this.#options.ask();
    } catch {
      // Any failure means that it is still away; why was told when it went.
      if (!this.#closed) this.#askLater();
      return;
    }
    if (this.#closed) return;
    this.#timeouts = 0;
    this.#state = 'there';
    this.#options.onChange('there', undefined);
  }
}

/** By the words of ioredis, which has no class for it. */
const isTimeout = (reason: unknown): boolean =>
  reason instanceof Error && reason.message === 'Command timed out';
