/**
 * The pages of one inventory list. Order Desk gives no mark to go on from, only a place, so an item that is deleted or
 * moved between two requests shifts all behind it, and one of them is never sent. Therefore each page is asked for from
 * the last item of the page before: where not that one alone comes again, something has shifted.
 */
import type { InventoryPage } from '../orderdesk/port.js';

export interface PageReading {
  readonly hasNew: boolean;
  /** It holds all that was read before, and nothing else: its place was ignored. */
  readonly isAllAgain: boolean;
  /** It follows on the page before it, as far as can be told. */
  readonly joins: boolean;
}

export class InventoryPages {
  readonly #known = new Set<string>();
  #last: string | undefined;
  #offset = 0;

  /** Where the next page begins. */
  get offset(): number {
    return this.#offset;
  }

  /** How many known items it begins with. */
  get overlap(): number {
    return this.#last === undefined ? 0 : 1;
  }

  add({ items, unreadable }: InventoryPage): PageReading {
    const ids = items.map(({ view }) => view.id);
    const again = ids.filter((id) => this.#known.has(id)).length;
    const hasNew = again < ids.length;
    const reading: PageReading = {
      hasNew,
      isAllAgain: again > 0 && !hasNew && again === this.#known.size,
      joins: again === this.overlap && (this.#last === undefined || ids.includes(this.#last)),
    };
    for (const id of ids) this.#known.add(id);
    // Which place an unreadable record had is not known, it may be the last one; and such a list is not whole anyway.
    this.#last = unreadable === 0 ? ids.at(-1) : undefined;
    this.#offset += ids.length + unreadable - this.overlap;
    return reading;
  }
}
