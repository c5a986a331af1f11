/** The checks together: orders are looked at one by one and let go, what was found is handed out at the end. */
import type { OrderView } from '../../orderdesk/views.js';
import { compareKeys, orderKey } from '../keyset.js';
import { oddAddress } from './address.js';
import { CHECKS, type Check, type Circumstances, type OrderCheck, type Subject } from './check.js';
import { duplicates, type Numbered } from './duplicates.js';
import { paymentNotCaptured } from './payment.js';
import { codesOf, type ItemCode, type Need, type Stock, unitsToSend, withoutStock } from './stock.js';
import { stuckInFolder } from './stuck.js';
import { unshippedTooLong, waitsForPayment } from './unshipped.js';

/** What may be told of an order: nothing of its customer. */
export type OrderReference = Pick<OrderView, 'id' | 'sourceId' | 'sourceName' | 'folderId' | 'addedAt'>;

export interface Reason {
  readonly check: Check;
  readonly rule: string;
}

/** An order with all that is wrong with it. */
export interface Finding {
  readonly order: OrderReference;
  /** At least one, as in `CHECKS`, and at most one of a check. */
  readonly reasons: readonly Reason[];
  /** No search finds the number or the channel that `order` shows: something else stands in their place. */
  readonly isNumberHidden: boolean;
}

interface Found extends Reason {
  readonly order: OrderReference;
  readonly isNumberHidden?: boolean;
}

/** Compared by its own number and channel, which two orders may be shown alike without having. */
interface NumberedOrder extends Numbered {
  readonly shown: OrderReference;
}

/** The checks that need no more than one order. */
const BY_ORDER: { readonly [C in Check]?: OrderCheck } = {
  unshipped_too_long: unshippedTooLong,
  odd_address: oddAddress,
  payment_not_captured: paymentNotCaptured,
  stuck_in_folder: stuckInFolder,
};

export class ExceptionReport {
  readonly #checks: readonly Check[];
  readonly #when: Circumstances;
  readonly #countsUnpaid: boolean;
  readonly #found: Found[] = [];
  readonly #numbered: NumberedOrder[] = [];
  readonly #toSend: { readonly order: OrderReference; readonly needs: readonly Need[] }[] = [];
  #awaitingPayment = 0;

  constructor(checks: ReadonlySet<Check>, when: Circumstances) {
    this.#checks = CHECKS.filter((check) => checks.has(check));
    this.#when = when;
    this.#countsUnpaid = checks.has('unshipped_too_long') && !checks.has('payment_not_captured');
  }

  /**
   * @param order what may be told of it
   * @param items as the caller may see them
   */
  look(subject: Subject, order: OrderReference, items: OrderView['items']): void {
    for (const check of this.#checks) {
      const rule = BY_ORDER[check]?.(subject, this.#when);
      if (rule !== undefined) this.#found.push({ order, check, rule });
    }
    if (this.#countsUnpaid && waitsForPayment(subject, this.#when)) this.#awaitingPayment += 1;
    // A copy that was canceled has been dealt with.
    if (this.#checks.includes('duplicate_source_id') && subject.folder !== 'canceled') {
      const { id, sourceId, sourceName, addedAt } = subject.view;
      this.#numbered.push({ id, sourceId, sourceName, addedAt, shown: order });
    }
    if (!this.#checks.includes('item_without_stock')) return;
    const needs = unitsToSend(subject, items);
    if (needs.length > 0) this.#toSend.push({ order, needs });
  }

  /** The item codes whose stock decides, each once, in the order in which they were met. */
  get codes(): ItemCode[] {
    return codesOf(this.#toSend.flatMap(({ needs }) => needs));
  }

  /**
   * Orders that wait to be sent, and that no check asked for reports since their payment is Pending: 0 where
   * payment_not_captured is made, which reports them, and where nobody asked for what waits to be sent.
   */
  get awaitingPayment(): number {
    return this.#awaitingPayment;
  }

  /** Each order with which something is wrong, once, the one that was added first at the top. */
  findings(stock: Stock): Finding[] {
    const copies = duplicates(this.#numbered).map(
      ({ order: { sourceId, sourceName, shown }, rule }): Found => ({
        order: shown,
        check: 'duplicate_source_id',
        rule,
        isNumberHidden: shown.sourceId !== sourceId || shown.sourceName !== sourceName,
      }),
    );
    const short = this.#toSend.flatMap(({ order, needs }): Found[] => {
      const rule = withoutStock(needs, stock);
      return rule === undefined ? [] : [{ order, check: 'item_without_stock', rule }];
    });
    return byOrder([...this.#found, ...copies, ...short]);
  }
}

function byOrder(found: readonly Found[]): Finding[] {
  const orders = new Map<string, [Found, ...Found[]]>();
  for (const each of found) {
    const group = orders.get(each.order.id);
    if (group === undefined) orders.set(each.order.id, [each]);
    else group.push(each);
  }
  return [...orders.values()]
    .map((group) => ({ group, key: orderKey(group[0].order) }))
    .sort((a, b) => compareKeys(a.key, b.key, 'asc'))
    .map(({ group }) => ({
      order: group[0].order,
      reasons: group.map(({ check, rule }) => ({ check, rule })).sort(byCheck),
      isNumberHidden: group.some(({ isNumberHidden }) => isNumberHidden === true),
    }));
}

const byCheck = (a: Reason, b: Reason): number => CHECKS.indexOf(a.check) - CHECKS.indexOf(b.check);
