/**
 * The orders of one second, where they do not fit into one answer and can only be had by offset. What leaves or comes
 * between two answers shifts the places of others, and an unchanged count does not tell: one order may have left while
 * another came. A reading is believed
 * - when each answer began with the very row that the one before it ended with: then nothing before that row has moved;
 * - or, where equal dates come in another order each time, when the next reading shows the same rows: each of them was
 *   then still there after all of them had been seen, and they are as many as were counted.
 */
import type { OrderQuery } from '../orderdesk/port.js';
import { type Row, rowsOf } from './order-rows.js';
import type { ListSource } from './order-source.js';

/** What is spent on one second: orders asked for in all, and requests. */
const MOST_ORDERS = 20_000;
const MOST_READS = 200;

interface Reading {
  readonly rows: readonly Row[];
  /** Nothing can have moved while it was made. */
  readonly steady: boolean;
}

/**
 * As they came, each once.
 * @param query asks for nothing but this second
 * @returns `undefined` where they do not come to rest within what may be spent
 */
export async function readCrowdedSecond(
  source: ListSource,
  query: Omit<OrderQuery, 'limit' | 'offset'>,
  second: number,
): Promise<readonly Row[] | undefined> {
  const reader = new SecondReader(source, query, second);
  let before: Reading | undefined;
  for (;;) {
    const reading = await reader.read();
    if (reading === undefined) return undefined;
    if (reading.steady || isSame(reading, before)) return reading.rows;
    before = reading;
  }
}

class SecondReader {
  readonly #source: ListSource;
  readonly #query: Omit<OrderQuery, 'limit' | 'offset'>;
  readonly #second: number;
  #asked = 0;
  #reads = 0;
  #passes = 0;

  constructor(source: ListSource, query: Omit<OrderQuery, 'limit' | 'offset'>, second: number) {
    this.#source = source;
    this.#query = query;
    this.#second = second;
  }

  /** As many rows as were counted, in one pass or several; `undefined` where too much was spent. */
  async read(): Promise<Reading | undefined> {
    const read = new Map<string, Row>();
    /** Rows of this pass without an id. */
    let nameless: Row[] = [];
    let [counted, offset, steady] = [Number.POSITIVE_INFINITY, this.#nextPass(), true];
    let last: Row | undefined;
    const passAgain = (): void => {
      nameless = [];
      last = undefined;
      offset = this.#nextPass();
    };
    while (read.size + nameless.length < counted) {
      if (this.#reads === MOST_READS || this.#asked >= MOST_ORDERS) return undefined;
      const limit = this.#limit();
      const overlap: number = last !== undefined && limit > 1 ? 1 : 0;
      if (offset > 0 && overlap === 0) steady = false;
      const page = await this.#list(limit, offset - overlap);
      const isNewCount = page.total !== counted;
      counted = page.total;
      if (isNewCount && offset > 0) {
        read.clear();
        steady = true;
        passAgain();
        continue;
      }
      // The first of them is the last one over again, as a rule: what has no date goes on from there.
      const rows = rowsOf(page, this.#second, overlap === 1 ? last?.second : undefined);
      const repeats = overlap === 1 && rows[0]?.id === last?.id;
      if (overlap === 1 && !repeats) steady = false;
      for (const row of rows) if (row.id !== '') read.set(row.id, row);
      nameless.push(...rows.slice(repeats ? 1 : 0).filter(({ id }) => id === ''));
      offset += rows.length - overlap;
      last = rows.at(-1);
      if (read.size + nameless.length < counted && (offset >= counted || rows.length === 0)) {
        steady = false;
        passAgain();
      }
    }
    return { rows: [...read.values(), ...nameless], steady };
  }

  #list(limit: number, offset: number) {
    this.#asked += limit;
    this.#reads += 1;
    return this.#source.list({ ...this.#query, limit, offset });
  }

  /**
   * Each pass asks for pages of another size, or from another start: the same question might be answered from a cache.
   * @returns where it starts
   */
  #nextPass(): number {
    this.#passes += 1;
    return Math.floor((this.#passes - 1) / this.#sizes) % 2;
  }

  get #sizes(): number {
    return Math.ceil(this.#source.largest / 2);
  }

  #limit(): number {
    return this.#source.largest - ((this.#passes - 1) % this.#sizes);
  }
}

function isSame({ rows }: Reading, before: Reading | undefined): boolean {
  const ids = new Set(before?.rows.map(({ id }) => id));
  return before?.rows.length === rows.length && rows.every(({ id }) => ids.has(id));
}
