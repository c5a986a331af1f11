/** The order of inventory lists: by id, so that it is the same however Order Desk lists them. */
import type { InventoryView } from '../orderdesk/views.js';

/** By number where they are numbers, which may be beyond what a JavaScript number holds. */
export const compareIds = (a: string, b: string): number =>
  a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

/** The items with the lowest ids, of any number that pass by. */
export class Lowest {
  readonly #most: number;
  #items: InventoryView[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(item: InventoryView): void {
    this.#items.push(item);
    if (this.#items.length >= 4 * this.#most) this.#items = this.items();
  }

  items(): InventoryView[] {
    return this.#items.toSorted((a, b) => compareIds(a.id, b.id)).slice(0, this.#most);
  }
}
