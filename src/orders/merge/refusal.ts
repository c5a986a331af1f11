/** What cannot be sent to Order Desk as it was asked for: named by its path, with what to do instead. */

export interface Refusal {
  /** The argument at fault, such as `changes.order_items.0.price`. */
  readonly field: string;
  /** A whole sentence, without anything that others than the caller wrote. */
  readonly message: string;
  readonly hint?: string | undefined;
}

/** All that is wrong, so that one more call can be right; never empty. */
export interface Refused {
  readonly ok: false;
  readonly refusals: readonly Refusal[];
}

export type Outcome<T> = ({ readonly ok: true } & T) | Refused;

/** Where refusals are gathered while a record is read. */
export class Refusals {
  readonly #all: Refusal[] = [];

  add(field: string, what: string, hint?: string): void {
    this.#all.push({ field, message: `${field} ${what}.`, hint });
  }

  /** The outcome, which is `value` unless something was refused. */
  or<T>(value: T): Outcome<T> {
    return this.#all.length === 0 ? { ok: true, ...value } : { ok: false, refusals: this.#all };
  }
}

const LONGEST_KEY = 60;

/** The path of a member; keys are a caller's own words and may be of any length. */
export function below(at: string, key: string | number): string {
  const text = String(key);
  const short = text.length <= LONGEST_KEY ? text : `${text.slice(0, LONGEST_KEY)}…`;
  return at === '' ? short : `${at}.${short}`;
}
