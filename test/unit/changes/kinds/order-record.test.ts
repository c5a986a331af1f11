import { describe, expect, it } from 'vitest';
import { fieldsFound } from '../../../../src/changes/kinds/order-record-look.js';
import { besidesOf, orderBody } from '../../../../src/changes/kinds/order-record-put.js';
import { accepted } from '../../../../src/changes/kinds/order-record-refused.js';
import { asTaken, isThere } from '../../../../src/changes/kinds/order-record-taken.js';
import type { ChangeLine, FieldChange } from '../../../../src/changes/port.js';
import { Refusals } from '../../../../src/orders/merge/refusal.js';
import { orderRecord } from '../../orderdesk/records.js';

describe('an order that is sent back', () => {
  it('is as it came, less its history', () => {
    const order = orderRecord({ cc_number_masked: '', x_unknown: [null, { a: 1 }] });
    const sent: unknown = JSON.parse(orderBody({ ...order, order_history: [{ note: 'Moved' }] }));
    expect(sent).toEqual(order);
  });

  it.each([
    ['xxxxxxxxxxxx4242', '4242'],
    ['', undefined],
    ['xxxxxxxxxxx1005', '1005'],
    ['************4242', '4242'],
    ['XXXX-XXXX-XXXX-4242', '4242'],
    ['4242', '4242'],
    ['xxxxxxxxxxxx42', undefined],
    ['4111xxxxxxxx4242', undefined],
    [null, undefined],
  ])('has the digits of a card by the name that Order Desk takes: %s', (cc_number_masked, digits) => {
    const sent = JSON.parse(orderBody({ cc_number_masked })) as Record<string, unknown>;
    expect(sent).toEqual({ cc_number_masked, ...(digits === undefined ? {} : { cc_number: digits }) });
  });
});

describe('what Order Desk did besides', () => {
  const sent = { email: 'a', order_total: 5, order_items: [{ id: '1', quantity: 1, name: 'Cap' }] };
  const quantity: FieldChange = { path: ['order_items', '#1', 'quantity'], before: 0, after: 1 };
  const name: FieldChange = { path: ['order_items', '#1', 'name'], before: 'Hat', after: 'Cap' };

  it('is nothing where only the touched fields and what every write sets differ', () => {
    const reply = { ...sent, date_updated: 'now', email_count: '9', order_history: [] };
    expect(
      besidesOf([name], sent, { ...reply, order_items: [{ ...sent.order_items[0], name: 'Top' }] }),
    ).toEqual([]);
  });

  it('is told also of another part of what was touched', () => {
    const reply = { ...sent, order_items: [{ ...sent.order_items[0], quantity: 7 }] };
    expect(besidesOf([name], sent, reply)).toEqual(['Order Desk changed besides: order_items.']);
  });

  it('is missed where totals should follow', () => {
    expect(besidesOf([quantity], sent, sent)).toHaveLength(1);
    expect(besidesOf([quantity], sent, { ...sent, order_total: 9 })).toEqual([
      'Order Desk changed besides: order_total.',
    ]);
  });
});

describe('a line as Order Desk has taken it', () => {
  const line: ChangeLine = {
    target: { kind: 'order', id: '5' },
    outcome: 'applied',
    fields: [
      { path: ['email'], before: 'a', after: 'b' },
      { path: ['checkout_data', 'Floor'], before: '3' },
    ],
  };

  it('is as it was meant where the record says the same', () => {
    expect(asTaken(line, { email: 'b', checkout_data: [] })).toBe(line);
  });

  it('shows what the record has instead, and names the field', () => {
    expect(asTaken(line, { checkout_data: { Floor: '3' } })).toEqual({
      ...line,
      fields: [
        { path: ['email'], before: 'a' },
        { path: ['checkout_data', 'Floor'], before: '3', after: '3' },
      ],
      message:
        'Order Desk did not take this as it was sent: email, checkout_data. The fields show what it holds now.',
    });
  });

  it.each([
    [{ a: 1, b: '' }, { a: '1' }, true],
    [[{ id: '9', name: 'Cap' }], [{ name: 'Cap' }], true],
    [[{ name: 'Cap' }, { name: 'Hat' }], [{ name: 'Cap' }], false],
    [{ a: 1 }, { a: 1, b: 'x' }, false],
    [undefined, { a: 1 }, false],
    [[], {}, true],
  ])('is there with ids and blanks added: %j of %j', (actual, intended, expected) => {
    expect(isThere(actual, intended)).toBe(expected);
  });
});

describe('looking at fields', () => {
  const note = { date_added: '2026-01-01 00:00:00', username: 'orderdesk-mcp', content: 'Call' };
  const added: FieldChange = { path: ['order_notes', '+1'], after: note };
  const removed: FieldChange = { path: ['order_notes', '+1'], before: note };
  const other = { ...note, content: 'Other' };
  const signed = { ...note, username: 'API', date_added: '2026-01-01 00:00:02' };

  it.each([
    ['added', [added], [other, note], 'applied'],
    ['added, and signed by Order Desk', [added], [other, signed], 'applied'],
    ['added, and others after it', [added], [other, other, note], 'applied'],
    ['not added', [added], [other], 'not_applied'],
    ['not added, and an older one like it', [added], [note], 'not_applied'],
    ['removed', [removed], [other], 'applied'],
    ['not removed', [removed], [other, note], 'not_applied'],
    ['nothing to look for', [], [other, note], 'unclear'],
  ] as const)('a note: %s', (_what, fields, order_notes, found) => {
    expect(fieldsFound({ order_notes }, fields)).toBe(found);
  });

  it('tells nothing of fields of which one is as it was and one as it is meant', () => {
    const fields: FieldChange[] = [
      { path: ['email'], before: 'a', after: 'b' },
      { path: ['tag_name'], before: '', after: 'x' },
    ];
    expect(fieldsFound({ email: 'b', tag_name: '' }, fields)).toBe('unclear');
    expect(fieldsFound({ email: 'b', tag_name: 'x' }, fields)).toBe('applied');
    expect(fieldsFound({ email: 'a' }, fields)).toBe('not_applied');
  });
});

describe('refusals of the merge', () => {
  it('become one error that names all of them', () => {
    const refusals = new Refusals();
    refusals.add('changes.id', 'cannot be set', 'Leave it out.');
    refusals.add('changes.x', 'is not a field of an order');
    expect(() => accepted(refusals.or({}))).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        field: 'changes.id',
        hint: 'Leave it out.',
        message: 'changes.id cannot be set. changes.x is not a field of an order. Nothing was written.',
      }),
    );
  });
});
