import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldChange } from '../../../src/changes/port.js';
import { maskView } from '../../../src/orders/mask.js';
import { maskFields } from '../../../src/orders/mask-changes.js';
import { HIDDEN } from '../../../src/orders/mask-texts.js';
import { anAddress, aView } from '../tools/support/orders.js';

const digest = (text: string): number =>
  [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 999_983, 7);
const pseudonym = (kind: string, value: string): string => `${kind}-${digest(value)}`;
const mask = (fields: readonly FieldChange[]) => maskFields(fields, pseudonym);
const shown = (path: readonly string[], value: unknown): unknown => mask([{ path, after: value }])[0]?.after;

describe('a masked change', () => {
  it('has the pseudonyms of a masked order', () => {
    const view = aView({
      email: ' Ada@Example.com',
      shipping: anAddress({ company: 'Example Ltd', lines: ['1 Sample Street'] }),
    });
    const masked = maskView(view, pseudonym);
    const address = { first_name: 'Ada', last_name: 'Example', company: 'Example Ltd', phone: '+1 555 0100' };
    expect(shown(['email'], ' Ada@Example.com')).toBe(masked.email);
    expect(shown(['shipping', 'address1'], '1 Sample Street')).toBe(masked.shipping.lines[0]);
    expect(shown(['shipping'], address)).toEqual({
      first_name: '',
      last_name: masked.shipping.lastName,
      company: masked.shipping.company,
      phone: masked.shipping.phone,
    });
  });

  it.each([
    [['shipping', 'first_name'], 'Ada'],
    [['shipping', 'new_part'], 'Ada'],
    [['checkout_data', 'Gift'], 'For Ada'],
    [['order_metadata', 'score'], 7],
    [['order_items', '#1', 'metadata', 'engraving'], { text: 'Ada' }],
    [['order_items', '#1', 'name'], 'Mug for Ada'],
    [['order_items', '#1', 'variation_list', 'Engraving'], 'Ada'],
    [['order_history', 'note'], 'Ada called'],
    [['cc_exp'], '02/2028'],
    [['ip_address'], '192.0.2.1'],
    [['order_shipments', '#1', 'label_image'], 'xx'],
    [['field_of_tomorrow'], 5],
    [['tax_total'], 'Ada'],
  ])('hides %j', (path, value) => {
    expect(shown(path, value)).toBe(HIDDEN);
  });

  it.each([
    [['tax_total'], 1.2],
    [['folder_id'], '7'],
    [['shipping', 'city'], 'Springfield'],
    [['shipping', 'phone'], ''],
    [['order_items', '#1', 'quantity'], 3],
    [['order_items', '#1', 'code'], 'SHIRT-1'],
    [['payment_status'], 'Captured'],
    [['order_shipments', '#1', 'tracking_number'], '1Z0000000000000001'],
  ])('shows %j', (path, value) => {
    expect(shown(path, value)).toBe(value);
  });

  it('of a note keeps only when it was written', () => {
    const note = { date_added: '2026-01-10 12:00:00', username: 'Rep', content: 'Ada called' };
    expect(shown(['order_notes', '+1'], note)).toEqual({
      date_added: '2026-01-10 12:00:00',
      username: HIDDEN,
      content: HIDDEN,
    });
  });

  it('shows the goods of a whole order, unless they name its people', () => {
    const address = { first_name: 'Ada', last_name: 'Example' };
    const items = [
      { id: '1', name: 'Mug', code: 'MUG-1' },
      { id: '2', name: 'Mug for Ada Example', code: 'Mug Ada Example' },
    ];
    const whole = { shipping: address, customer: address, order_items: items };
    const masked = mask(Object.entries(whole).map(([name, before]) => ({ path: [name], before })));
    expect(masked[2]?.before).toEqual([
      { id: '1', name: 'Mug', code: 'MUG-1' },
      { id: '2', name: HIDDEN, code: pseudonym('code', 'mug ada example') },
    ]);
  });

  it('shows the goods of the inventory, and nothing that nobody knows', () => {
    const fields = [
      { path: ['name'], before: 'Gum', after: 'Bubble Gum' },
      { path: ['field_of_tomorrow'], after: 'Ada' },
    ];
    expect(maskFields(fields, pseudonym, 'inventory')).toEqual([
      fields[0],
      { path: ['field_of_tomorrow'], after: HIDDEN },
    ]);
  });

  it('keeps nothing of the people that it is told of, wherever they stand', () => {
    const planted = fc.constantFrom('zqAda', 'zqada@example.com', 'x zqAda y', '5 zqAda 7', 'zq_1');
    const leaf = fc.oneof(
      planted,
      fc.array(planted, { maxLength: 2 }),
      fc.record({ a: planted, content: planted }),
    );
    const top = fc.constantFrom(
      ...['email', 'customer_id', 'processor_response', 'tag_name', 'ip_address', 'unknown', 'tax_total'],
      ...['order_notes', 'order_history', 'return_address', 'discount_list', 'cc_exp', 'id'],
    );
    const path = fc.oneof(
      top.map((name) => [name]),
      fc.tuple(fc.constantFrom('order_notes', 'order_history'), fc.constantFrom('+0', '#1', 'note')),
      fc.tuple(
        fc.constantFrom('checkout_data', 'order_metadata', 'unknown'),
        fc.constantFrom('a', 'zqada@example.com'),
      ),
      fc.tuple(
        fc.constantFrom('shipping', 'customer', 'return_address'),
        fc.constantFrom('first_name', 'last_name', 'name', 'title', 'company', 'address1', 'phone', 'new'),
      ),
      fc.tuple(
        fc.constantFrom('order_items'),
        fc.constantFrom('#1'),
        fc.constantFrom('name', 'variation_list', 'metadata', 'price', 'new'),
      ),
    );
    const field = fc.record({ path, before: leaf, after: leaf });
    fc.assert(
      fc.property(fc.array(field, { maxLength: 4 }), (fields) => !/zq/i.test(JSON.stringify(mask(fields)))),
      { numRuns: 10_000 },
    );
  });
});
