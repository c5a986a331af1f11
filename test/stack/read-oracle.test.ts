/** list_orders and summarize_orders, asked 500 questions and more, against a brute-force computation over the same records. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { defaultSwitches } from '../../src/sandbox/index.js';
import {
  holdListAgainst,
  holdSortedAgainst,
  holdSummaryAgainst,
  truthOf,
} from '../support/reads/hold-against.js';
import { listQueries, sortedQueries, summaryQueries } from '../support/reads/queries.js';
import { type ReadWorld, startReadWorld } from '../support/reads/world.js';
import { ORACLE_WORLDS } from '../support/reads/worlds.js';

const STORE = { id: '10001', apiKey: 'key-of-10001', name: 'main', orderCount: 240 };
/** In each of three worlds. */
const LISTS = 100;
const SUMMARIES = 70;
const SORTED = 60;

describe.each(ORACLE_WORLDS)(
  'the read tools in $timeZone, where Order Desk behaves as $switches',
  (given) => {
    const { timeZone, anchor, switches, folderStates, canceled } = given;
    let world: ReadWorld;

    beforeAll(async () => {
      const stores = [{ ...STORE, timeZone, anchor: new Date(anchor) }];
      world = await startReadWorld({ stores, switches, folderStates });
    });
    afterAll(() => world.close());

    const truth = () => truthOf(world.sandbox.store(STORE.id), { ...defaultSwitches, ...switches });

    it('list exactly the orders that match, in order, in pages of any size', async () => {
      const known = truth();
      await fc.assert(
        fc.asyncProperty(listQueries(known), (query) => holdListAgainst(known, world, query)),
        { numRuns: LISTS },
      );
    });

    it('sum up exactly the orders that match, whatever they are grouped by', async () => {
      const known = truth();
      const apart = new Set(canceled);
      await fc.assert(
        fc.asyncProperty(summaryQueries(known), (query) => holdSummaryAgainst(known, world, query, apart)),
        { numRuns: SUMMARIES },
      );
    });

    it('list the first orders by another field', async () => {
      const known = truth();
      await fc.assert(
        fc.asyncProperty(sortedQueries(known), (query) => holdSortedAgainst(known, world, query)),
        { numRuns: SORTED },
      );
    });
  },
);
