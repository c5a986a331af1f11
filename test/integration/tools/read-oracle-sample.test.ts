/** A small sample of the questions of `test/stack/read-oracle.test.ts`. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { defaultSwitches } from '../../../src/sandbox/index.js';
import { holdListAgainst, holdSummaryAgainst, truthOf } from '../../support/reads/hold-against.js';
import { listQueries, summaryQueries } from '../../support/reads/queries.js';
import { type ReadWorld, startReadWorld } from '../../support/reads/world.js';

const TIME_ZONE = 'America/Los_Angeles';
const ANCHOR = new Date('2026-04-20T00:00:00Z');
const STORE = { id: '10001', apiKey: 'key-of-10001', name: 'main', timeZone: TIME_ZONE, anchor: ANCHOR };
const QUERIES = 20;
const CANCELED = new Set([21_658]);

describe('the read tools against a computation over all records', () => {
  let world: ReadWorld;

  beforeAll(async () => {
    world = await startReadWorld({ stores: [{ ...STORE, orderCount: 120 }] });
  });
  afterAll(() => world.close());

  const truth = () => truthOf(world.sandbox.store(STORE.id), defaultSwitches);

  it('list the orders that match', async () => {
    const known = truth();
    const property = fc.asyncProperty(listQueries(known), (query) => holdListAgainst(known, world, query));
    await fc.assert(property, { numRuns: QUERIES });
  });

  it('sum up the orders that match', async () => {
    const known = truth();
    const property = fc.asyncProperty(summaryQueries(known), (query) =>
      holdSummaryAgainst(known, world, query, CANCELED),
    );
    await fc.assert(property, { numRuns: QUERIES });
  });
});
