import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { CHECKS } from '../../../src/orders/exceptions/check.js';
import { ago, fresh, idsAndChecks, rulesOf, shop, waiting } from './support/exceptions.js';
import { anAddress, anItem } from './support/orders.js';
import { aCall, aPrincipal, aStoreEntry, call, directoryOf } from './support/ports.js';

describe('find_exceptions', () => {
  it('tells what is wrong, why, and what to call next, within its schema', async () => {
    const { tool } = shop([fresh, waiting]);
    const { data } = await call(tool(), {});
    expect(data).toEqual({
      store: 'main',
      time_zone: 'America/Los_Angeles',
      findings: [
        {
          id: '2',
          source_id: 'n1',
          source_name: 'Shopify',
          folder: 'New',
          added: ago(5),
          age_days: 5,
          reasons: [
            {
              check: 'unshipped_too_long',
              rule: 'Added 5 days ago, payment Approved, no shipment; threshold 3 days.',
            },
          ],
          next: { tool: 'get_order', arguments: { order_id: '2' } },
        },
      ],
      returned: 1,
      limit: 20,
      orders: 1,
      counts: {
        unshipped_too_long: 1,
        odd_address: 0,
        payment_not_captured: 0,
        duplicate_source_id: 0,
        item_without_stock: 0,
        stuck_in_folder: 0,
      },
      folders: [
        { name: 'Closed', state: 'closed', by: 'name' },
        { name: 'Canceled', state: 'canceled', by: 'name' },
      ],
      coverage: {
        scanned: 2,
        total: 2,
        complete: true,
        from: expect.any(String),
        to: '2026-02-01T00:00:01Z',
      },
      next_cursor: null,
      trimmed_by: null,
      remarks: [
        expect.stringMatching(
          /^Orders count as done in .* "orderdesk-mcp store folder <store> <folder> --means /,
        ),
      ],
    });
    const validate = new AjvJsonSchemaValidator().getValidator(tool().outputSchema ?? {});
    expect(validate(data)).toMatchObject({ valid: true });
  });

  it('reads the last 90 days, or from added_from in the time zone of the store, oldest first', async () => {
    const { tool, store } = shop([{ addedAt: ago(91) }, { addedAt: ago(89) }, waiting]);
    const { data } = await call(tool(), { checks: ['unshipped_too_long'] });
    expect(idsAndChecks(data)).toEqual(['2 unshipped_too_long', '3 unshipped_too_long']);
    expect(data.coverage.from).toBe('2025-11-03T00:00:00Z');
    const wider = await call(tool(), { checks: ['unshipped_too_long'], added_from: '2025-11-01' });
    expect(idsAndChecks(wider.data)).toHaveLength(3);
    expect(wider.data.coverage.from).toBe('2025-11-01T07:00:00Z');
    expect(store.queries.every((query) => query.sort === 'asc')).toBe(true);
  });

  it.each([
    ['2026-03-01', 'must be in the past'],
    ['2025-01-29', 'must be at most 366 days ago'],
  ])('refuses added_from %s', async (added_from, message) => {
    const { tool } = shop([]);
    await expect(call(tool(), { added_from })).rejects.toMatchObject({
      code: 'invalid_argument',
      field: 'added_from',
      message: `added_from: ${message}.`,
    });
    await expect(call(tool(), { added_from: '2025-02-01' })).resolves.toBeDefined();
  });

  it.each([
    { checks: [] },
    { checks: ['other'] },
    { older_than_days: 366 },
    { older_than_days: -1 },
    { limit: 101 },
  ])('refuses %j', async (args) => {
    await expect(call(shop([]).tool(), args)).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('makes the checks asked for only, with their own threshold', async () => {
    const { tool, reads } = shop([fresh, waiting]);
    const { data } = await call(tool(), { checks: ['stuck_in_folder', 'odd_address'], older_than_days: 1 });
    expect(idsAndChecks(data)).toEqual(['2 stuck_in_folder', '1 stuck_in_folder']);
    expect(data.counts).toEqual({ odd_address: 0, stuck_in_folder: 2 });
    expect(reads).toEqual([]);
  });

  it('leads from a copy to all orders with its number', async () => {
    const pair = { ...fresh, sourceId: 'shared' };
    const { tool } = shop([pair, pair, { ...pair, folderId: '3' }, { ...pair, sourceName: null }]);
    const { data } = await call(tool(), { checks: ['duplicate_source_id'], store: 'main' });
    expect(data.findings).toMatchObject([
      {
        id: '2',
        reasons: [{ rule: expect.stringContaining('as order "1" added') }],
        next: {
          tool: 'list_orders',
          arguments: { store: 'main', source_id: 'shared', source_name: 'Shopify' },
        },
      },
    ]);
  });

  it('shows an order once with all that is wrong with it, and leads to the order where a copy is not all', async () => {
    const copy = { ...waiting, updatedAt: ago(4), sourceId: 'shared' };
    const { data } = await call(shop([{ ...fresh, folderId: '2', ...copy }, copy]).tool(), { limit: 1 });
    expect(data).toMatchObject({ returned: 1, orders: 1, next_cursor: null });
    expect(data.counts).toMatchObject({ unshipped_too_long: 1, duplicate_source_id: 1, stuck_in_folder: 1 });
    expect(idsAndChecks(data)).toEqual([
      '2 unshipped_too_long',
      '2 duplicate_source_id',
      '2 stuck_in_folder',
    ]);
    expect(data.findings[0].next).toEqual({ tool: 'get_order', arguments: { order_id: '2' } });
  });

  it('counts what waits for its payment where the check that reports it was not asked for', async () => {
    const unpaid = { ...waiting, paymentStatus: 'Pending' };
    const { tool } = shop([
      { ...waiting, paymentStatus: 'Authorized' },
      unpaid,
      unpaid,
      { ...unpaid, addedAt: ago(2) },
      { ...unpaid, folderId: '2' },
      { ...waiting, paymentStatus: 'Voided' },
    ]);
    const told = async (checks: string[]) => (await call(tool(), { checks })).data;
    const alone = await told(['unshipped_too_long']);
    expect(idsAndChecks(alone)).toEqual(['1 unshipped_too_long']);
    const waitForPayment = '2 more wait for payment (Pending): see payment_not_captured.';
    expect(alone.remarks).toContain(waitForPayment);
    expect((await told(['payment_not_captured', 'unshipped_too_long'])).remarks.join()).not.toContain(
      'Pending',
    );
    expect((await told(['odd_address'])).remarks.join()).not.toContain('Pending');
    const nothing = await call(shop([waiting]).tool(), { checks: ['unshipped_too_long'] });
    expect(nothing.data.remarks.join()).not.toContain('Pending');
  });

  it('leads to the order itself where its number is too long to be searched for', async () => {
    const long = { ...fresh, sourceId: 'x'.repeat(201) };
    const { data } = await call(shop([long, long]).tool(), { checks: ['duplicate_source_id'] });
    expect(data.findings).toMatchObject([{ next: { tool: 'get_order', arguments: { order_id: '2' } } }]);
  });

  it('reads the inventory with the codes of what is to be sent', async () => {
    const { tool, reads } = shop(
      [
        { ...fresh, items: [anItem({ code: 'MUG' }), anItem({ id: '2', code: 'CAP' })] },
        { ...fresh, items: [anItem({ code: 'MUG' })] },
        { ...fresh, items: [anItem({ code: 'OLD' })], folderId: '2' },
        { ...fresh, items: [anItem({ code: 'NEW' })] },
      ],
      { MUG: '2', CAP: '0' },
    );
    const { data } = await call(tool(), { checks: ['item_without_stock'] });
    // The second time for the one that was not among the first answer.
    expect(reads).toEqual([
      ['MUG', 'CAP', 'NEW'],
      ['MUG', 'CAP', 'NEW'],
    ]);
    expect(idsAndChecks(data)).toEqual(['1 item_without_stock', '4 item_without_stock']);
    expect(rulesOf(data)[0]).toMatch(/CAP.* stock 0/);
    expect(rulesOf(data)[1]).toMatch(/NEW.* is not in the inventory/);
    expect(data.not_done).toBeUndefined();
  });

  it('says that stock was not checked beside what the other checks found', async () => {
    const { tool } = shop([waiting], new AppError('upstream_unavailable'));
    const { data } = await call(tool(), {});
    expect(idsAndChecks(data)).toEqual(['1 unshipped_too_long']);
    expect(data.counts).not.toHaveProperty('item_without_stock');
    expect(data.not_done).toEqual([
      {
        check: 'item_without_stock',
        reason: expect.stringContaining(
          'The inventory could not be read. Order Desk cannot be reached or is failing.',
        ),
      },
    ]);
    const validate = new AjvJsonSchemaValidator().getValidator(tool().outputSchema ?? {});
    expect(validate(data)).toMatchObject({ valid: true });
  });

  it('fails when the call itself was ended while the inventory was read', async () => {
    const { tool } = shop([waiting], new AppError('cancelled'));
    await expect(call(tool(), {})).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('tells a masked key nothing of a customer, and finds the same for it', async () => {
    const person = anAddress({
      firstName: 'zqFirst',
      lastName: 'zqLast',
      company: 'zqCompany',
      lines: ['zqStreet', 'PO Box 7 zqBox'],
      city: null,
      postalCode: 'zqCode',
      phone: 'zqPhone',
    });
    const orders = [
      { ...waiting, email: 'zq@example.com', shipping: person, customer: person, shippingMethod: 'UPS' },
    ];
    const { tool } = shop(orders);
    const open = await call(tool(), {});
    const masker = { of: async () => (kind: string) => `${kind}-0` };
    const masked = await call(tool({ masker }), {}, aCall(aPrincipal()));
    expect(rulesOf(open.data)[1]).toMatch(/no city; the postal code .*; a post office box/);
    for (const { text } of [open, masked]) expect(text).not.toMatch(/zq/i);
    expect(masked.data.findings).toEqual(open.data.findings);
  });

  it('finds for a masked key the copies that there are, and calls for one where it cannot search for it', async () => {
    const acme = anAddress({ company: 'Acme Garage' });
    const numbered = (sourceId: string) => ({ ...fresh, sourceId, shipping: acme, customer: acme });
    const orders = ['Acme Garage 17', 'Acme Garage 18', 'acme garage 18 ', '7', '7'].map(numbered);
    const masker = { of: async () => (kind: string) => `${kind}-0` };
    const checks = { checks: ['duplicate_source_id'] };
    const { findings } = (await call(shop(orders).tool({ masker }), checks)).data;
    expect(findings).toMatchObject([
      { id: '3', source_id: '[masked]', next: { tool: 'get_order', arguments: { order_id: '3' } } },
      { id: '5', source_id: '7', next: { tool: 'list_orders', arguments: { source_id: '7' } } },
    ]);
    expect(rulesOf({ findings })[0]).toMatch(/^Same source_id and source_name as order "2"/);
    const open = (await call(shop(orders).tool(), checks)).data.findings;
    expect(open[0].next).toEqual({
      tool: 'list_orders',
      arguments: { source_id: 'acme garage 18', source_name: 'Shopify' },
    });
  });

  it('shows a masked key no channel that names a customer', async () => {
    const acme = anAddress({ company: 'Acme Garage' });
    const order = { ...waiting, sourceName: 'Acme Garage', shipping: acme, customer: acme };
    const masker = { of: async () => (kind: string) => `${kind}-0` };
    const masked = await call(shop([order]).tool({ masker }), {});
    expect(masked.data.findings).toMatchObject([{ source_name: '[masked]' }]);
    expect(masked.text).not.toMatch(/acme/i);
    expect((await call(shop([order]).tool(), {})).data.findings).toMatchObject([
      { source_name: 'Acme Garage' },
    ]);
  });

  it('tells a masked key of goods without stock, and not the code that names a customer', async () => {
    const jane = anAddress({ firstName: 'Jane', lastName: 'Doe' });
    const items = [anItem({ id: '1', code: 'MUG-JANE-DOE' }), anItem({ id: '2', code: 'CAP', quantity: 4 })];
    const orders = [{ ...fresh, shipping: jane, customer: jane, items }];
    const masker = { of: async () => (kind: string) => `${kind}-0` };
    const { tool } = shop(orders, { 'MUG-JANE-DOE': '1', CAP: '3' });
    const { data, text } = await call(tool({ masker }), { checks: ['item_without_stock'] });
    expect(rulesOf(data)[0]).toMatch(/^To be sent: "code-0" needs 2, stock 1; "CAP" needs 4, stock 3;/);
    expect(text).not.toMatch(/jane/i);
  });

  it('names its store in the next call for who named it, and never for who is bound to one', async () => {
    const directory = directoryOf(aStoreEntry({ name: 'second', isDefault: false }));
    const { tool } = shop([waiting]);
    const named = await call(tool({ directory }), { store: 'second' });
    expect(named.data.findings[0].next.arguments).toEqual({ store: 'second', order_id: '1' });
    const bound = await call(tool({ directory }, 'bound'), {});
    expect(bound.data.findings[0].next.arguments).toEqual({ order_id: '1' });
  });

  it('takes an order in a folder that the store no longer has for open', async () => {
    const { data } = await call(shop([{ ...waiting, folderId: '99' }]).tool(), {});
    expect(data.findings).toMatchObject([{ folder: '99', reasons: [{ check: 'unshipped_too_long' }] }]);
  });

  it('costs at most 1,100 tokens with its output schema', () => {
    const { handle: _handle, ...definition } = shop([]).tool();
    expect(Math.ceil(JSON.stringify(definition).length / 4)).toBeLessThanOrEqual(1100);
    expect(CHECKS.every((check) => JSON.stringify(definition.inputSchema).includes(check))).toBe(true);
  });
});
