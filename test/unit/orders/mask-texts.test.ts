import { describe, expect, it } from 'vitest';
import { maskTexts } from '../../../src/orders/mask-texts.js';
import { anAddress, anItem, aShipment, aView } from '../tools/support/orders.js';

const ada = anAddress({
  firstName: 'Ada',
  lastName: 'Rose',
  company: 'Rose & Sons',
  phone: '+1 (555) 010-0200',
});
const masked = (change: Parameters<typeof aView>[0]) =>
  maskTexts(aView({ shipping: ada, customer: ada, ...change }), (mail) => `<${mail.length}>`);
const variations = (values: Record<string, string>) =>
  masked({ items: [anItem({ variations: values })] }).items[0]?.variations;

describe('texts about goods', () => {
  it('stay where they name nobody of the order', () => {
    const order = { items: [anItem()], shipments: [aShipment()], tag: 'Express', sourceId: '#1001' };
    expect(masked(order)).toEqual(aView({ shipping: ada, customer: ada, ...order }));
    expect(variations({ Color: 'Prose pink', Size: 'L' })).toEqual({ Color: 'Prose pink', Size: 'L' });
  });

  it('are hidden where a customer wrote a name, a street, a company or a phone number', () => {
    for (const text of [
      'for ADA',
      'Rose, forever',
      '1 sample street',
      'by Rose & Sons',
      'call 1-555-010-0200',
    ]) {
      expect(variations({ Engraving: text }), text).toEqual({ Engraving: '[masked]' });
    }
    const discounts = [{ name: 'Welcome Ada', code: 'ROSE-10', amount: '1' }];
    expect(masked({ discounts }).discounts).toEqual([{ name: '[masked]', code: '[masked]', amount: '1' }]);
  });

  it('keep an item whose name shares a word with a customer, and lose one named after her', () => {
    const names = (name: string) => masked({ items: [anItem({ name })] }).items[0]?.name;
    expect(names('Rose soap')).toBe('Rose soap');
    expect(names('Mug for Rose, Ada')).toBe('[masked]');
  });

  it('have e-mail addresses replaced wherever they stand', () => {
    expect(variations({ 'to a@example.com': 'or b.c+d@example.co.uk!' })).toEqual({
      'to <13>': 'or <20>',
    });
    expect(masked({ sourceId: 'x@example.com', tag: 'a@example.com' })).toMatchObject({
      sourceId: '<13>',
      tag: '<13>',
    });
  });

  it('lose links that carry a customer along, and keep those that do not', () => {
    const url = (trackingUrl: string) =>
      masked({ shipments: [aShipment({ trackingUrl })] }).shipments[0]?.trackingUrl;
    expect(url('https://example.com/t?n=1Z1')).toBe('https://example.com/t?n=1Z1');
    expect(url('https://example.com/t?n=1Z1&mail=ada%40example.com')).toBe('[masked]');
    expect(url('https://example.com/t?to=Ada+Rose')).toBe('[masked]');
    expect(url('https://example.com/%E0%A4%A?ada%40example.com')).toBe('[masked]');
  });
});
