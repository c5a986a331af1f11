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

/** A key is repeated only where it could be a name: anything else may be a customer's text, copied by the caller. */
const NAME_LIKE = /^\w{1,40}$/;

/** The path of a member. */
export function below(at: string, key: string | number): string {
  const text = String(key);
  const name = NAME_LIKE.test(text) ? text : '(no name)';
  return at === '' ? name : `${at}.${name}`;
}
