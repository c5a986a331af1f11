/**
 * Whether the shared store is to be asked. Slowness is worse than absence: after a few time-outs in a row it is left
 * alone, and only a question of our own, not a caller's, finds out that it is back.
 */
import type { LimiterMode } from './port.js';

/** Time-outs in a row after which the store counts as away. */
const TIMEOUTS_TO_AWAY = 3;

export interface SharedHealthOptions {
  /** Resolves when the store answers. */
  readonly ask: () => Promise<unknown>;
  /** Milliseconds between two such questions while it is away. */
  readonly retryMs: number;
  /** @param reason why it is away; `undefined` when it is back */
  readonly onMode: (mode: LimiterMode, reason: unknown) => void;
}

export class SharedHealth {
  readonly #options: SharedHealthOptions;
  #timeouts = 0;
  #mode: LimiterMode = 'shared';
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SharedHealthOptions) {
    this.#options = options;
  }

  get mode(): LimiterMode {
    return this.#mode;
  }

  succeeded(): void {
    this.#timeouts = 0;
  }

  failed(reason: unknown): void {
    this.#timeouts += 1;
    if (isTimeout(reason) && this.#timeouts < TIMEOUTS_TO_AWAY) return;
    this.#away(reason);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #away(reason: unknown): void {
    if (this.#mode === 'local' || this.#closed) return;
    this.#mode = 'local';
    this.#options.onMode('local', reason);
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
    this.#mode = 'shared';
    this.#options.onMode('shared', undefined);
  }
}

/** By the words of ioredis, which has no class for it. */
const isTimeout = (reason: unknown): boolean =>
  reason instanceof Error && reason.message === 'Command timed out';
