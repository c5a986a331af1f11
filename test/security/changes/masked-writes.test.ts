/**
 * Keys that may not see customers, and changes: whoever made one, its answer, its replay, its preview and its entry in the
 * ledger show the reader what `get_order` shows him of the same, and nobody's name.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toTenantId } from '../../../src/tenancy/ids.js';
import {
  PLANTED_EDIT,
  PLANTED_ORDER,
  type PlantedRun,
  plantedIn,
  runPlanted,
} from '../../support/changes/planted.js';
import {
  ALL_TOOLSETS,
  openWritingShop,
  type WriteAnswer,
  type WritingShop,
} from '../../support/changes/writing-shop.js';

const STORE = { id: '961', apiKey: 'sandbox-key-961', name: 'Masked', timeZone: 'UTC', orderCount: 3 };

let shop: WritingShop;
let open: string;
let masked: string;
let tenantId: string;
let byOpen: PlantedRun;
beforeAll(async () => {
  shop = await openWritingShop({ stores: [STORE] });
  ({ tenantId } = await shop.addTenant('masked', [STORE.id]));
  open = await shop.addKey('masked', { toolsets: ALL_TOOLSETS });
  masked = await shop.addKey('masked', { toolsets: ALL_TOOLSETS, mask: true });
  byOpen = await runPlanted(shop, STORE.id, open);
});
afterAll(() => shop?.close());

const insert = () => shop.sandbox.store(STORE.id).insertOrder({ ...PLANTED_ORDER, source_id: '' }).id;

/** All pages of the ledger, as they stand on the wire. */
async function ledgerSeenBy(key: string, args: object = {}): Promise<string> {
  const pages: string[] = [];
  let cursor: unknown;
  do {
    const page = { limit: 10, ...args, ...(typeof cursor === 'string' ? { cursor } : {}) };
    const { text, result } = await shop.call(key, 'list_changes', page);
    pages.push(text);
    cursor = result?.structuredContent?.next_cursor;
  } while (typeof cursor === 'string');
  return pages.join('\n');
}

describe('what one key did', () => {
  it('meets the marks where it may, or this would prove nothing', async () => {
    const shown = plantedIn(byOpen.texts.join('\n'));
    const inLedger = plantedIn(await ledgerSeenBy(open));
    for (const mark of [
      ...['qzplantmail', 'qzplantnewmail', 'qzplantshipstreet', 'qzplantnewfirst', 'qzplantnewbillphone'],
      ...['qzplantnewgift', 'qzplantnewmeta', 'qzplantnewnote', 'qzplanthistory', 'qzplantstaffnote'],
      ...['qzplantnewengraving', 'qzplantnewfile', 'qzplantlid', 'qzplanttracked', 'qzplantmoved'],
      ...['qzplantcreated', 'qzplantcreatedmeta'],
    ]) {
      expect(shown).toContain(mark);
      expect(inLedger).toContain(mark);
    }
    expect(shown).toContain('qzplantspoken');
  });

  it('shows nobody to a masked key that lists it', async () => {
    const all = await ledgerSeenBy(masked);
    expect(all).toContain('"tool":"create_order"');
    expect(plantedIn(all)).toEqual([]);
    expect(plantedIn(await ledgerSeenBy(masked, { order_id: byOpen.orderId }))).toEqual([]);
  });

  it('shows nobody to a masked key that looks at undoing each of it', async () => {
    let previews = 0;
    for (const { change_id } of byOpen.changes) {
      const { text, error } = await shop.call(masked, 'undo_change', { change_id, dry_run: true });
      if (error === undefined) previews += 1;
      expect(plantedIn(text)).toEqual([]);
    }
    expect(previews).toBeGreaterThan(0);
  });
});

describe('a masked key that writes', () => {
  it('meets nobody in any answer, replay, preview or error, also of what it sent itself', async () => {
    const { texts } = await runPlanted(shop, STORE.id, masked);
    expect(texts.some((text) => text.includes('"outcome":"applied"'))).toBe(true);
    expect(texts.some((text) => text.includes('upstream_rejected'))).toBe(true);
    for (const text of texts) expect(plantedIn(text), text.slice(0, 2_000)).toEqual([]);
  });

  it('meets the pseudonyms that get_order shows it before and after', async () => {
    const order_id = insert();
    const before = await orderSeen(order_id);
    const { shipping } = PLANTED_EDIT;
    const changes = { email: PLANTED_EDIT.email, shipping };
    const answer = await shop.write(masked, 'update_order', { order_id, changes });
    const after = await orderSeen(order_id);
    for (const [field, was, is] of [
      ['email', before.email, after.email],
      ['shipping.company', before.ship_to.company, after.ship_to.company],
      ['shipping.phone', before.ship_to.phone, after.ship_to.phone],
      ['shipping.address1', before.ship_to.lines[0], after.ship_to.lines[0]],
      ['shipping.address2', before.ship_to.lines[1], after.ship_to.lines[1]],
    ]) {
      expect(fieldOf(answer, field ?? '')).toEqual({ field, before: was, after: is });
      expect(was).toMatch(/^[a-z]+-[0-9a-f]{8}$/);
      expect(was).not.toBe(is);
    }
  });

  it('is told the version without the digits that would let a guess be tried out', async () => {
    const order_id = insert();
    const versions = async (key: string, tool: string, args: object) => {
      const { result, text } = await shop.call(key, tool, { order_id, ...args });
      expect(result?.isError, text).toBeUndefined();
      return result?.structuredContent?.version;
    };
    const whole = String(await versions(open, 'get_order', {}));
    expect(whole).toMatch(/^[0-9a-f]{32}-[0-9a-f]+$/);
    expect(await versions(masked, 'get_order', {})).toBe(whole.slice(0, 32));
    const changes = { email: 'third@example.com' };
    expect(await versions(masked, 'update_order', { changes, dry_run: true })).toBe(whole.slice(0, 32));
    const written = await versions(masked, 'update_order', { changes, expected_version: whole.slice(0, 32) });
    expect(written).toMatch(/^[0-9a-f]{32}$/);
    expect(String(await versions(open, 'get_order', {})).slice(0, 32)).toBe(written);
  });

  it.each([
    ['update_order', { changes: { email: 'guess@example.com' } }],
    ['update_order_item', { item_id: '71001', changes: { quantity: 2 } }],
    ['remove_order_item', { item_id: '71001' }],
    ['delete_order', {}],
  ])(
    'learns from a conflict of %s only that there is one, whatever digits it makes up',
    async (tool, args) => {
      const order_id = insert();
      const { result } = await shop.call(open, 'get_order', { order_id });
      const right = String(result?.structuredContent?.version).slice(32);
      const wrong = `-${'0'.repeat(right.length - 1)}`;
      const told = async (key: string, digits: string) => {
        const expected_version = `${'0'.repeat(32)}${digits}`;
        const { code, message } = await shop.refusal(key, tool, {
          order_id,
          ...args,
          expected_version,
          dry_run: true,
        });
        return { code, message };
      };
      expect(await told(masked, right)).toEqual(await told(masked, wrong));
      expect((await told(masked, wrong)).code).toBe('version_conflict');
      expect(await told(open, right)).not.toEqual(await told(open, wrong));
    },
  );
});

describe('a replay', () => {
  it('is masked once its key is, though the call itself was not', async () => {
    const key = await shop.addKey('masked');
    const order_id = insert();
    const args = { order_id, changes: { email: PLANTED_EDIT.email }, idempotency_key: 'once' };
    const first = await shop.call(key, 'update_order', args);
    expect(plantedIn(first.text)).toContain('qzplantnewmail');
    await maskKey(key);
    const again = await shop.call(key, 'update_order', args);
    expect(again.result?.structuredContent).toMatchObject({ replayed: true, outcome: 'applied' });
    expect(plantedIn(again.text)).toEqual([]);
    const { result } = await shop.call(open, 'list_changes', { order_id });
    expect(result?.structuredContent?.returned).toBe(1);
  });

  it('belongs to its key: the same text of another key is a call of its own', async () => {
    const [first, second] = [await shop.addKey('masked'), await shop.addKey('masked')];
    const order_id = insert();
    const args = { order_id, note: 'Said once by each', idempotency_key: 'shared text' };
    const made = [
      await shop.write(first, 'add_order_note', args),
      await shop.write(second, 'add_order_note', args),
    ];
    expect(made.map(({ replayed }) => replayed)).toEqual([undefined, undefined]);
    expect(new Set(made.map(({ change_id }) => change_id)).size).toBe(2);
    expect(noted(order_id)).toBe(2);
    for (const [place, key] of [first, second].entries()) {
      const replay = await shop.write(key, 'add_order_note', args);
      expect(replay).toMatchObject({ replayed: true, change_id: made[place]?.change_id });
    }
    expect(noted(order_id)).toBe(2);
    // Other arguments under the text of another key are no misuse of it either.
    const other = { ...args, note: 'Something else' };
    expect((await shop.refusal(first, 'add_order_note', other)).code).toBe('invalid_argument');
    const third = await shop.addKey('masked');
    expect((await shop.write(third, 'add_order_note', other)).outcome).toBe('applied');
  });
});

const noted = (orderId: string): number =>
  shop.sandbox
    .store(STORE.id)
    .history(orderId)
    .filter(({ note }) => note === 'Said once by each').length;

/** No operation changes what a key may see; a restored backup could. */
async function maskKey(key: string): Promise<void> {
  const kid = key.slice('odm_'.length, 'odm_'.length + 10);
  const changed = await shop.database.asTenant(toTenantId(tenantId), (tx) =>
    tx.run("update api_keys set scope = jsonb_set(scope, '{mask}', 'true') where kid = $1", [kid]),
  );
  expect(changed).toBe(1);
  // What this process knows of keys is brought up to date with it.
  await shop.server.operations.renameKey.run({ kid, name: 'masked now' });
}

const seenOrder = z.object({
  email: z.string(),
  ship_to: z.object({ company: z.string(), phone: z.string(), lines: z.array(z.string()) }),
});

async function orderSeen(order_id: string): Promise<z.output<typeof seenOrder>> {
  const { result } = await shop.call(masked, 'get_order', { order_id });
  return seenOrder.parse(result?.structuredContent?.order);
}

const fieldOf = ({ results }: WriteAnswer, name: string) =>
  results[0]?.changes.find(({ field }) => field === name);
