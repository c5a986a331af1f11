/** What ends one exchange with Order Desk, and how that changes when the first byte of the request goes out. */
import { AppError, cancellation } from '../errors.js';
import { timeoutError } from './failures.js';

/** Kept back of a read's time, so that its caller still gets an answer of ours. Milliseconds. */
const ANSWER_MS = 50;

export interface Clock {
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

export interface ReadBounds extends Clock {
  readonly caller: AbortSignal;
  /** The whole call, waiting for a connection included; milliseconds. */
  readonly callTimeoutMs: number;
  readonly deadlineAt: number | undefined;
}

export interface WriteBounds extends ReadBounds {
  /** Ends writes that have not begun, when no new ones are taken. */
  readonly closing: AbortSignal;
  /** From the first byte to the whole answer, whoever still waits for it; milliseconds. */
  readonly writeTimeoutMs: number;
  /** What has to be left to `deadlineAt` for a write to begin; milliseconds. */
  readonly writeNeedsMs: number;
}

/** Holds a signal that ends the exchange. `depart` is called just before the first byte. */
export abstract class Leash {
  readonly #controller = new AbortController();
  #undo: (() => void)[] = [];

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** @throws AppError when the request must not go out */
  abstract depart(): void;

  /**
   * Runs `work` and names what ended it.
   * @throws AppError the reason of the end, however the transport words it; what `work` throws
   */
  async during<T>(work: () => Promise<T>): Promise<T> {
    try {
      this.mustGoOn();
      return await work();
    } catch (thrown) {
      throw this.signal.aborted ? this.signal.reason : thrown;
    } finally {
      this.letGo();
    }
  }

  protected mustGoOn(): void {
    if (this.signal.aborted) throw this.signal.reason;
  }

  protected endWith(other: AbortSignal): void {
    const end = (): void => this.#controller.abort(cancellation(other));
    if (other.aborted) end();
    other.addEventListener('abort', end, { once: true });
    this.#undo.push(() => other.removeEventListener('abort', end));
  }

  protected endAfter(ms: number, reason: () => AppError): void {
    if (ms <= 0) this.#controller.abort(reason());
    const timer = setTimeout(() => this.#controller.abort(reason()), Math.max(ms, 0));
    this.#undo.push(() => clearTimeout(timer));
  }

  /** Nothing that was agreed on ends the exchange any more. */
  protected letGo(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }
}

/** A read ends with its caller and its deadline, from beginning to end. */
export class ReadLeash extends Leash {
  constructor({ caller, callTimeoutMs, deadlineAt, now }: ReadBounds) {
    super();
    const left = deadlineAt === undefined ? callTimeoutMs : deadlineAt - now() - ANSWER_MS;
    this.endWith(caller);
    this.endAfter(Math.min(callTimeoutMs, left), timeoutError);
  }

  override depart(): void {
    this.mustGoOn();
  }
}

/**
 * A write ends with its caller only until its first byte. From there on it belongs to nobody: giving it up would leave
 * open whether it was carried out. It never goes out twice, whatever the transport makes of a connection that ends.
 */
export class WriteLeash extends Leash {
  readonly #bounds: WriteBounds;
  readonly #startBy: number;
  #departed = false;

  constructor(bounds: WriteBounds) {
    super();
    this.#bounds = bounds;
    const { caller, closing, callTimeoutMs, deadlineAt, writeNeedsMs, now } = bounds;
    const startedAt = now();
    const latest = deadlineAt === undefined ? Number.POSITIVE_INFINITY : deadlineAt - writeNeedsMs;
    this.#startBy = Math.min(startedAt + callTimeoutMs, latest);
    this.endWith(caller);
    this.endWith(closing);
    this.endAfter(this.#startBy - startedAt, tooLate);
  }

  override depart(): void {
    this.mustGoOn();
    if (this.#departed) throw new AppError('upstream_unavailable');
    if (this.#bounds.now() > this.#startBy) throw tooLate();
    this.#departed = true;
    this.letGo();
    this.endAfter(this.#bounds.writeTimeoutMs, timeoutError);
  }
}

const tooLate = (): AppError =>
  new AppError('store_busy', 'Too little time was left to make this change; nothing was sent.', {
    retryAfterS: 1,
    hint: 'Make the same call again.',
  });
