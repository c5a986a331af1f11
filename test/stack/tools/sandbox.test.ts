/** The tools over the Order Desk client against a simulated Order Desk, whichever way it settles its open questions. */
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ToolDefinition } from '../../../src/mcp/catalogue.js';
import type { OrderDesk } from '../../../src/orderdesk/orderdesk.js';
import { SECTIONS } from '../../../src/orders/detail.js';
import { type Sandbox, type SandboxSwitches, startSandbox } from '../../../src/sandbox/index.js';
import { orderDeskOn } from '../../support/order-desk-on.js';
import { aStoreEntry, call, directoryOf, toolDeps, toolNamed } from '../../unit/tools/support/ports.js';

const STORE = { id: '10001', apiKey: 'key-of-10001', name: 'First', timeZone: 'America/Los_Angeles' };

const worlds: readonly Partial<SandboxSwitches>[] = [
  { endDate: 'exclusive', ties: 'by_id', sourceIdFilter: 'exact' },
  { endDate: 'inclusive', ties: 'shuffled', sourceIdFilter: 'contains' },
];

describe.each(worlds)('the tools, where Order Desk behaves as %j', (switches) => {
  let sandbox: Sandbox;
  let orderDesk: OrderDesk;
  let tool: (name: string) => ToolDefinition;

  beforeAll(async () => {
    sandbox = await startSandbox({ stores: [STORE], rateLimit: false, switches });
    orderDesk = orderDeskOn(sandbox, STORE);
    const directory = directoryOf(aStoreEntry({ orderDeskId: STORE.id }));
    tool = (name) => toolNamed(name, toolDeps(orderDesk.gateway, { directory }));
  });

  afterAll(async () => {
    await orderDesk.close();
    await sandbox.close();
  });

  async function listAll(args: object): Promise<{ ids: string[]; totals: Set<unknown>; tokens: number[] }> {
    const list = tool('list_orders');
    const validate = new AjvJsonSchemaValidator().getValidator(list.outputSchema ?? {});
    const ids: string[] = [];
    const totals = new Set<unknown>();
    const tokens: number[] = [];
    let cursor: string | undefined;
    do {
      const { data, text } = await call(list, { ...args, ...(cursor === undefined ? {} : { cursor }) });
      expect(validate(data)).toMatchObject({ valid: true });
      expect(text.length).toBeLessThanOrEqual(20_000);
      ids.push(...data.rows.map((row: { id: string }) => row.id));
      tokens.push(...data.rows.map((row: unknown) => JSON.stringify(row).length / 4));
      totals.add(`${data.total} ${data.total_exact}`);
      cursor = data.next_cursor ?? undefined;
    } while (cursor !== undefined);
    return { ids, totals, tokens };
  }

  it.each(['asc', 'desc'])('list every order once, %s, with the exact total on every page', async (sort) => {
    const held = sandbox.store(STORE.id).orders();
    const { ids, totals, tokens } = await listAll({ sort, limit: 100 });
    expect(ids.toSorted()).toEqual(held.map(({ id }) => id).toSorted());
    expect(totals).toEqual(new Set([`${held.length} true`]));
    expect(tokens.reduce((sum, each) => sum + each, 0) / tokens.length).toBeLessThan(120);
  });

  it.each(['asc', 'desc'])(
    'list exactly the orders of a range that begins and ends at an order, %s',
    async (sort) => {
      const dates = sandbox
        .store(STORE.id)
        .orders()
        .map(({ date_added }) => date_added)
        .toSorted();
      const [from = '', to = ''] = [dates[100], dates[300]];
      const expected = dates.filter((date) => date >= from && date < to).length;
      const iso = (date: string) => `${date.replace(' ', 'T')}Z`;
      const { ids, totals } = await listAll({ sort, limit: 60, added_from: iso(from), added_to: iso(to) });
      expect(new Set(ids).size).toBe(ids.length);
      expect({ read: ids.length, totals }).toEqual({
        read: expected,
        totals: new Set([`${expected} true`]),
      });
    },
  );

  it('read every order in full, within size and schema, by its id and by its number', async () => {
    const get = tool('get_order');
    const validate = new AjvJsonSchemaValidator().getValidator(get.outputSchema ?? {});
    const held = sandbox.store(STORE.id).orders();
    const sample = held.filter((_, index) => index % 9 === 0 || index > held.length - 30);
    for (const { id, source_id } of sample) {
      const { data, text } = await call(get, { order_id: id, include: [...SECTIONS] });
      expect({ id: data.order.id, ...validate(data) }).toMatchObject({ id, valid: true });
      expect(text.length).toBeLessThanOrEqual(20_000);
      expect(text).not.toContain('label_image');
      if (source_id.trim() === '') continue;
      const byNumber = await call(get, { source_id });
      expect(validate(byNumber.data)).toMatchObject({ valid: true });
      const found = byNumber.data.matches ?? [byNumber.data.order];
      expect(found.map((order: { id: string }) => order.id)).toContain(id);
    }
  });

  it('describe the store', async () => {
    const get = tool('get_store');
    const { data } = await call(get, {});
    expect(new AjvJsonSchemaValidator().getValidator(get.outputSchema ?? {})(data)).toMatchObject({
      valid: true,
    });
    expect(data).toMatchObject({ order_desk_name: 'First', time_zone: 'America/Los_Angeles' });
    expect(JSON.stringify(data)).not.toContain(STORE.apiKey);
  });
});
