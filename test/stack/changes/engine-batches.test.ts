/** Confirmations, and batches that go on. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/changes/engine.js';
import type { ChangeAnswer } from '../../../src/changes/port.js';
import type { Principal } from '../../../src/tenancy/principal.js';
import { EngineRoom, principalOf, type Shop } from '../../support/changes/engine-room.js';
import { emailRequest, moveRequest } from '../../support/changes/requests.js';
import { EVERYTHING } from '../../support/scopes.js';

let room: EngineRoom;
let shop: Shop;
let engine: Engine;
let ids: readonly string[];
let folders: readonly number[];
let orders = 0;

beforeAll(async () => {
  room = await EngineRoom.open();
});
afterAll(() => room.close());
beforeEach(async () => {
  shop = await room.shop();
  engine = room.engine(shop);
  ids = room.upstream
    .orders()
    .slice(orders, orders + 3)
    .map(({ id }) => id);
  orders += 3;
  const [from = 0, to = 0] = room.upstream.folders().map(({ id }) => id);
  folders = [from, to];
  for (const id of ids) room.upstream.moveOrder(id, from);
  for (const list of [room.asked, room.slept]) list.length = 0;
});

const folderOf = (id: string | undefined) => room.upstream.order(id ?? '')?.folder_id;
const outcomes = ({ lines }: ChangeAnswer) => lines.map(({ outcome }) => outcome);
const to = () => folders[1] ?? 0;
const demanding = (confirm: Partial<Principal['scope']['confirm']>): Shop => ({
  ...shop,
  principal: {
    ...shop.principal,
    scope: { ...EVERYTHING, confirm: { ...EVERYTHING.confirm, ...confirm } },
  },
});

describe('a write that has to be confirmed', () => {
  it('is refused without the token of a dry run, and made once with it', async () => {
    const careful = demanding({ moves: true });
    const request = moveRequest(shop, ids, to());
    await expect(engine.run(request, room.ctx(careful))).rejects.toMatchObject({
      code: 'confirmation_required',
      hint: expect.stringContaining('dry_run'),
    });
    const { confirmationToken } = await engine.run({ ...request, dryRun: true }, room.ctx(careful));
    const confirmed = { ...request, confirmationToken };
    expect(await engine.run(confirmed, room.ctx(careful))).toMatchObject({ outcome: 'applied' });
    await expect(engine.run(confirmed, room.ctx(careful))).rejects.toMatchObject({
      code: 'confirmation_required',
      field: 'confirmation_token',
    });
    expect(room.writes).toHaveLength(3);
    expect(await room.heldLocks()).toBe(0);
  });

  it('is refused with a token that is too old, for other arguments, of another key, or made up', async () => {
    const careful = demanding({ moves: true });
    const request = moveRequest(shop, ids, to());
    const { confirmationToken = '' } = await engine.run({ ...request, dryRun: true }, room.ctx(careful));
    const other = principalOf(shop.principal.tenantId, { scope: careful.principal.scope });
    const refused = { code: 'confirmation_required', field: 'confirmation_token' };
    const cases = [
      engine.run({ ...moveRequest(shop, ids.slice(1), to()), confirmationToken }, room.ctx(careful)),
      engine.run({ ...request, confirmationToken }, room.ctx({ principal: other })),
      engine.run({ ...request, confirmationToken: 'made-up' }, room.ctx(careful)),
    ];
    for (const each of cases) await expect(each).rejects.toMatchObject(refused);
    room.ahead += 10 * 60_000 + 1;
    const late = engine.run({ ...request, confirmationToken, idempotencyKey: 'k' }, room.ctx(careful));
    await expect(late).rejects.toMatchObject(refused);
    expect(room.writes).toEqual([]);
    expect(await room.states(shop)).toEqual([]);
  });

  it('is refused when what was previewed has changed since', async () => {
    const careful = demanding({ batchesAbove: 0 });
    const request = emailRequest(shop, ids[0] ?? '', 'confirmed@example.com');
    await expect(engine.run(request, room.ctx(careful))).rejects.toMatchObject({
      code: 'confirmation_required',
    });
    const { confirmationToken } = await engine.run({ ...request, dryRun: true }, room.ctx(careful));
    room.upstream.changeOrder(ids[0] ?? '', { customer_id: '4711' });
    await expect(engine.run({ ...request, confirmationToken }, room.ctx(careful))).rejects.toMatchObject({
      code: 'confirmation_required',
      message: 'What the preview showed has been changed since. Nothing was written.',
    });
    expect(await room.states(shop)).toEqual([]);
  });

  it('is answered again without a good token once it is made', async () => {
    const careful = demanding({ moves: true });
    const request = moveRequest(shop, ids, to(), { idempotencyKey: 'k' });
    const { confirmationToken } = await engine.run({ ...request, dryRun: true }, room.ctx(careful));
    await engine.run({ ...request, confirmationToken }, room.ctx(careful));
    room.ahead += 3_600_000;
    const again = await engine.run({ ...request, confirmationToken }, room.ctx(careful));
    expect(again).toMatchObject({ outcome: 'applied', replayed: true });
    expect(await engine.run(request, room.ctx(careful))).toMatchObject({ replayed: true });
    expect(room.writes).toHaveLength(3);
  });
});

describe('a batch', () => {
  it('sends what there is time for, and goes on with the rest under the same key', async () => {
    const careful = demanding({ moves: true });
    let sent = 0;
    const slow = room.engine(shop, {
      onStep: (step) => {
        if (step !== 'sent') return;
        sent += 1;
        if (sent === 2) room.ahead += 14_000;
      },
    });
    const request = moveRequest(shop, ids, to(), { idempotencyKey: 'k' });
    const { confirmationToken } = await slow.run({ ...request, dryRun: true }, room.ctx(careful));
    const confirmed = { ...request, confirmationToken };
    const first = await slow.run(confirmed, room.ctx(careful));
    expect(first.outcome).toBe('partly');
    expect(outcomes(first)).toEqual(['applied', 'applied', 'not_sent']);
    expect(ids.map(folderOf)).toEqual([to(), to(), folders[0]]);
    const second = await slow.run(confirmed, room.ctx(careful));
    expect(second).toMatchObject({ outcome: 'applied', replayed: false, changeId: first.changeId });
    expect(outcomes(second)).toEqual(['applied', 'applied', 'applied']);
    expect(second.lines.map(({ fields }) => fields[0]?.before)).toEqual(ids.map(() => folders[0]));
    expect(await slow.run(confirmed, room.ctx(careful))).toMatchObject({ replayed: true });
    expect(room.writes).toHaveLength(3);
    expect(await room.states(shop)).toEqual(['applied']);
  });

  it('goes on after a line that is refused, and counts the others only', async () => {
    const capped = {
      ...shop,
      principal: { ...shop.principal, scope: { ...EVERYTHING, dailyWriteCap: 3 } },
    };
    room.sandbox.fail({ kind: 'status', status: 400, match: { path: '/move-orders' } });
    const answer = await engine.run(moveRequest(shop, ids, to()), room.ctx(capped));
    expect(answer.outcome).toBe('partly');
    expect(outcomes(answer)).toEqual(['failed', 'applied', 'applied']);
    const last = await engine.run(moveRequest(shop, ids.slice(0, 1), to()), room.ctx(capped));
    expect(last.outcome).toBe('applied');
    const above = engine.run(moveRequest(shop, ids.slice(0, 1), to()), room.ctx(capped));
    await expect(above).rejects.toMatchObject({ code: 'write_cap_reached' });
  });

  it('stops at the cap of its key with what it has done, and changes nothing where the store refuses its key', async () => {
    const scope = { ...EVERYTHING, dailyWriteCap: 2 };
    const capped = { ...shop, principal: { ...shop.principal, scope } };
    const answer = await engine.run(moveRequest(shop, ids, to()), room.ctx(capped));
    expect(outcomes(answer)).toEqual(['applied', 'applied', 'not_sent']);
    expect(answer.lines[2]?.message).toContain('daily write cap');
    room.sandbox.fail({ kind: 'status', status: 401, match: { path: '/move-orders' } });
    const refused = engine.run(moveRequest(shop, ids, to()), room.ctx(shop));
    await expect(refused).rejects.toMatchObject({ code: 'upstream_credentials_refused' });
    expect(await room.states(shop)).toEqual(['applied']);
    expect(await room.heldLocks()).toBe(0);
  });

  it('whose second answer is lost keeps the first, and knows nothing of the second', async () => {
    let moves = 0;
    room.sandbox.fail({
      kind: 'reset',
      match: (_, path) => path === '/move-orders' && ++moves === 2,
    });
    const request = moveRequest(shop, ids, to(), { idempotencyKey: 'k' });
    const answer = await engine.run(request, room.ctx(shop));
    expect(outcomes(answer)).toEqual(['applied', 'unknown', 'not_sent']);
    expect(answer).toMatchObject({ outcome: 'partly', check: expect.stringContaining('folder') });
    await room.leasesOver(shop, 120);
    expect(await engine.sweep()).toBe(1);
    const last = await engine.run(request, room.ctx(shop));
    expect(outcomes(last)).toEqual(['applied', 'applied', 'applied']);
    expect(room.writes).toHaveLength(4);
  });
});
