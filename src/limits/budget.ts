/**
 * The budget of requests that Order Desk grants each store, as far as one process can know it: a token bucket that all
 * replicas share, corrected by what Order Desk says. Every token handed out tells when that was, so that an answer, which
 * says how many tokens were left when it was made, can be set against what the bucket held since.
 * Invariants: in any stretch of t seconds a bucket hands out at most capacity + rate x t tokens; what an answer says
 * only ever lowers a bucket; neither losing what is shared nor finding it again gives anybody a burst.
 */

export type Priority = 'interactive' | 'background';

export interface BudgetLimits {
  /** Tokens after a pause: less than Order Desk grants, since requests do not arrive in the order they left. */
  readonly capacity: number;
  /** Tokens that come back each second. */
  readonly perSecond: number;
}

/** Two tokens below what Order Desk grants (Order Desk API, rate limits: 20 at once, then 3 a second). */
export const ORDER_DESK_BUDGET: BudgetLimits = { capacity: 18, perSecond: 3 };

/** The right to one request. To whoever holds it, only its identity matters. */
export interface Token {
  /** From which life of the bucket it is: Redis may have forgotten it since, or this process had its own. */
  readonly epoch: string;
  /** Microseconds on the bucket's own clock. */
  readonly takenAt: number;
  /** What the bucket held afterwards, in tokens and parts of one. */
  readonly left: number;
}

export type Reservation =
  | { readonly granted: true; readonly token: Token }
  | {
      readonly granted: false;
      /** Whole milliseconds from 1 until it is worth asking again if nobody else takes a token. */
      readonly waitMs: number;
    };

/** What a bucket holds, as far as it is known. */
export interface BudgetView {
  readonly mode: 'local' | 'shared';
  /** Tokens and parts of one that interactive work could take now: without those that are left to others. */
  readonly tokens: number;
  /** Tokens of a full bucket: this process's part of them when `local`. */
  readonly capacity: number;
  /** Tokens that come back each second: likewise. */
  readonly perSecond: number;
  /** The rest of a pause in milliseconds, 0 without one. */
  readonly pauseMs: number;
}

/**
 * Buckets by name; a name is public: an Order Desk store id or the id of a row. No method throws: trouble with what is
 * shared makes the buckets local.
 */
export interface Budget {
  /** `local`: this process keeps to its part of the budget, because it cannot ask what the others use. */
  readonly mode: 'local' | 'shared';
  /** Takes one token, or says how long to wait. Background work leaves more in the bucket than interactive work. */
  reserve(bucket: string, priority: Priority): Promise<Reservation>;
  /**
   * What the answer to the request that went with `token` said was left, in whole tokens.
   * @returns whether somebody else must have used the bucket
   */
  observe(bucket: string, token: Token, remaining: number): Promise<boolean>;
  /** Order Desk refused a request with 429: nobody asks for so long. @param ms milliseconds from now */
  pause(bucket: string, ms: number): Promise<void>;
  /** A token that was taken and not used: the request never left. The same token a second time changes nothing. */
  giveBack(bucket: string, token: Token): Promise<void>;
  /** Looks at a bucket and changes nothing: one that is not known does not become known by it. */
  peek(bucket: string): Promise<BudgetView>;
  close(): Promise<void>;
}
