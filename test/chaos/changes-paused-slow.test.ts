/** An Order Desk that takes 20 s to answer, and a sweeper that looks all the time: it finds nothing of its own to do. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { PostgresRoom } from '../support/changes/postgres-room.js';
import { WORKS } from '../support/changes/works.js';

it('is left to its writer while the lease lives', async () => {
  const slow = await PostgresRoom.open({ orderCount: 1 });
  try {
    const buyer = await slow.shop();
    const [kind] = WORKS;
    const [order] = slow.upstream.orders();
    const work = kind?.make({ shop: buyer, upstream: slow.upstream, key: 'slow' }, order ? [order] : []);
    if (work === undefined) throw new Error('There is no work.');
    slow.sandbox.fail({ kind: 'delay', ms: 20_000, match: { method: 'PUT' } });
    let isOver = false;
    const answer = slow
      .engine(buyer)
      .run(work.request, slow.ctx(buyer))
      .finally(() => {
        isOver = true;
      });
    const swept: number[] = [];
    while (!isOver) {
      swept.push(await slow.engine(buyer).sweep());
      await pause(250);
    }
    expect(await answer).toMatchObject({ outcome: 'applied', recorded: true });
    expect(swept.length).toBeGreaterThan(10);
    expect(new Set(swept)).toEqual(new Set([0]));
    expect(slow.writes).toHaveLength(1);
    expect((await slow.entries(buyer)).map(({ state }) => state)).toEqual(['applied']);
    expect(await slow.counted(buyer)).toBe(1);
  } finally {
    await slow.close();
  }
});
