/**
 * The rules for inbound calls. Messages are counted per key; places are per tenant; failures to authenticate are per
 * address, and only for keys that this process has not verified yet, so that whoever floods an address does not lock
 * out the keys in use behind it.
 */
import { LRUCache } from 'lru-cache';
import { AppError } from '../errors.js';
import type { InboundLimit, LimitOutcome } from '../telemetry/port.js';
import type { Principal, TenantLimits } from '../tenancy/principal.js';
import { networkOf } from './address.js';
import { Places, type Release } from './places.js';
import type { Allowance, Limiter, Verdict } from './port.js';

export interface InboundLimitSettings {
  /** Messages of one key. */
  readonly key: Allowance;
  /** Failures to authenticate from one address. */
  readonly address: Allowance;
  readonly tenant: {
    /** Messages or arrays of them at the same time. */
    readonly concurrency: number;
    readonly queue: number;
    /** Milliseconds. */
    readonly waitMs: number;
  };
}

export interface InboundLimitsDeps {
  readonly limiter: Limiter;
  readonly settings: InboundLimitSettings;
  /** A name for an address that does not give it away. */
  readonly hashAddress: (network: string) => string;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly observe: (limit: InboundLimit, outcome: LimitOutcome) => void;
}

/** Addresses over their limit that are remembered at most. */
const BLOCKED_HELD = 10_000;

export class InboundLimits {
  readonly #deps: InboundLimitsDeps;
  readonly #places = new Places();
  /** Until when an address has no failure left; tokens do not come back sooner, so this needs no question. */
  readonly #blockedUntil = new LRUCache<string, number>({ max: BLOCKED_HELD });

  constructor(deps: InboundLimitsDeps) {
    this.#deps = deps;
  }

  /**
   * Lets an attempt to authenticate through.
   * @param address an IP address as the connection or a trusted proxy gives it
   * @param isProven whether the key was verified before; asked only when it matters
   * @throws AppError `rate_limited` for a key that is not proven, from an address with no failures left
   */
  admit(address: string, isProven: () => boolean): void {
    if (this.#blockedUntil.size === 0) return;
    const network = networkOf(address);
    const until = this.#blockedUntil.get(network);
    if (until === undefined) return;
    const waitMs = until - this.#deps.now();
    if (waitMs <= 0) {
      this.#blockedUntil.delete(network);
    } else if (!isProven()) {
      this.#deps.observe('address', 'refused');
      throw tooManyFailures(waitMs);
    }
  }

  /**
   * Counts a failure to authenticate with a key that is not proven.
   * @throws AppError `rate_limited` when the address had none left: replicas find out by the first such failure
   */
  async failed(address: string): Promise<void> {
    const { limiter, settings, hashAddress, now, observe } = this.#deps;
    const network = networkOf(address);
    const verdict = await limiter.take(`address:${hashAddress(network)}`, settings.address);
    if (verdict.retryAfterMs > 0) this.#blockedUntil.set(network, now() + verdict.retryAfterMs);
    observe('address', verdict.allowed ? 'passed' : 'refused');
    if (!verdict.allowed) throw tooManyFailures(verdict.retryAfterMs);
  }

  /** @throws AppError `rate_limited` when the key has not so many messages left */
  async takeMessages(principal: Principal, messages: number): Promise<void> {
    const { limiter, settings, observe } = this.#deps;
    const verdict = await limiter.take(
      `key:${principal.kid}`,
      keyAllowance(settings.key, principal.limits),
      messages,
    );
    observe('key', verdict.allowed ? 'passed' : 'refused');
    if (!verdict.allowed) throw tooManyMessages(verdict);
  }

  /**
   * Resolves when the tenant has a place for one more call.
   * @param leaves aborts when the client has gone
   * @throws AppError `too_many_calls`, `cancelled`
   */
  async enter({ tenantId, limits }: Principal, leaves: AbortSignal): Promise<Release> {
    const { settings, observe } = this.#deps;
    const places = {
      concurrency: limits?.concurrency ?? settings.tenant.concurrency,
      queue: limits?.queue ?? settings.tenant.queue,
      waitMs: limits?.waitMs ?? settings.tenant.waitMs,
    };
    try {
      const release = await this.#places.enter(tenantId, places, leaves, () => observe('tenant', 'queued'));
      observe('tenant', 'passed');
      return release;
    } catch (thrown) {
      const left = thrown instanceof AppError && thrown.code === 'cancelled';
      observe('tenant', left ? 'left' : 'refused');
      throw thrown;
    }
  }
}

const keyAllowance = (standard: Allowance, limits: TenantLimits | undefined): Allowance => ({
  burst: limits?.keyBurst ?? standard.burst,
  perSecond: limits?.keyPerSecond ?? standard.perSecond,
});

/** Whole seconds, rounded up, for `Retry-After`. */
const wholeSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000));

const tooManyFailures = (waitMs: number): AppError =>
  new AppError('rate_limited', 'Too many attempts from this address without a valid key.', {
    retryAfterS: wholeSeconds(waitMs),
    hint: 'Check the key before trying again. Keys already in use are not affected.',
  });

const tooManyMessages = ({ retryAfterMs }: Verdict): AppError =>
  Number.isFinite(retryAfterMs)
    ? new AppError('rate_limited', undefined, { retryAfterS: wholeSeconds(retryAfterMs) })
    : new AppError('rate_limited', 'An array holds more messages than this key may send at once.', {
        hint: 'Send it in parts.',
      });
