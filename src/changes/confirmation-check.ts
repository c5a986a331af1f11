/** Whether a call has the confirmation that it needs; asked before the claim, after it, and once the plan is known. */
import type { Principal } from '../tenancy/principal.js';
import type { ChangeType, Plan } from './change-type.js';
import {
  type Confirmation,
  changedSince,
  fitsPlan,
  isDemanded,
  isLargeBatch,
  missing,
  notValid,
  openConfirmation,
} from './confirmation.js';
import type { Images } from './ledger.js';
import type { ChangeKind } from './port.js';
import type { EngineDeps, Job } from './run.js';

export class ConfirmationCheck {
  readonly #isGiven: boolean;
  readonly #opened: Confirmation | undefined;
  readonly #principal: Principal;
  readonly #isDemanded: boolean;
  readonly #now: () => number;

  private constructor(
    isGiven: boolean,
    opened: Confirmation | undefined,
    principal: Principal,
    demanded: boolean,
    now: () => number,
  ) {
    this.#isGiven = isGiven;
    this.#opened = opened;
    this.#principal = principal;
    this.#isDemanded = demanded;
    this.#now = now;
  }

  static async begin<K extends ChangeKind>(
    deps: EngineDeps,
    { request, fingerprint, confirm }: Job<K>,
    principal: Principal,
  ): Promise<ConfirmationCheck> {
    const { tool, kind, confirmationToken } = request;
    const type: Pick<ChangeType<K>, 'confirm'> = deps.types[kind];
    const opened =
      confirmationToken === undefined
        ? undefined
        : await openConfirmation(deps, { principal, tool, fingerprint }, confirmationToken);
    const demanded = confirm || isDemanded(type, principal);
    return new ConfirmationCheck(confirmationToken !== undefined, opened, principal, demanded, deps.now);
  }

  /** Id to be used up; `undefined` where no token was given. */
  get id(): string | undefined {
    return this.#opened?.id;
  }

  /**
   * What can be told before anything was read. A token that was given has to be good whether or not one is demanded.
   * @param earlier what an earlier run of the same call has left: it was confirmed then, however long ago
   * @throws AppError `confirmation_required`
   */
  assertGiven(earlier: Images | null = null): void {
    if (!this.#isGiven) {
      if (this.#isDemanded) throw missing();
      return;
    }
    if (this.#opened === undefined) throw notValid();
    if (earlier === null && this.#opened.expiresAt <= this.#now()) throw notValid();
  }

  /**
   * @param earlier as in `assertGiven`; once a part is done, what was read is no longer what was previewed
   * @throws AppError `confirmation_required`
   */
  assertFits(plan: Plan, earlier: Images | null): void {
    if (plan.steps.length === 0) return;
    if (!this.#isGiven && isLargeBatch(this.#principal, plan.lines.length)) throw missing();
    const isBegun = earlier?.lines.some(({ outcome }) => outcome === 'applied') ?? false;
    if (this.#opened !== undefined && !isBegun && !fitsPlan(this.#opened, plan)) throw changedSince();
  }
}
