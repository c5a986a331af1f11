import { describe, expect, it } from 'vitest';
import type { OrderQuery } from '../../../src/orderdesk/port.js';
import { orderParameters } from '../../../src/orderdesk/query.js';
import { thrownBy } from './records.js';

const sent = (query: Partial<OrderQuery>) => Object.fromEntries(orderParameters({ limit: 20, ...query }));

describe('a search as Order Desk takes it', () => {
  it('names limit and offset always, and nothing that was not asked for', () => {
    expect(sent({})).toEqual({ limit: '20', offset: '0' });
  });

  it('maps every filter to its parameter', () => {
    expect(
      sent({
        folderIds: ['1004', '1009'],
        sourceId: 'A&B=1',
        sourceName: 'Shopify',
        addedFrom: new Date('2026-01-01T00:00:00Z'),
        addedTo: new Date('2026-02-01T00:00:00+02:00'),
        modifiedFrom: new Date('2026-01-01T10:20:30Z'),
        modifiedTo: new Date('2026-01-01T10:20:31Z'),
        email: 'wilhelmina+test@shop.example',
        customerId: '7',
        address: {
          of: 'shipping',
          firstName: 'Wilhelmina',
          lastName: 'Testwick',
          company: 'Ü',
          phone: '+1 555',
          address1: '1 Sample',
        },
        sortBy: 'date_added',
        sort: 'asc',
        history: true,
        limit: 500,
        offset: 40,
      }),
    ).toEqual({
      folder_id: '1004,1009',
      source_id: 'A&B=1',
      source_name: 'Shopify',
      search_start_date: '2026-01-01 00:00:00',
      search_end_date: '2026-01-31 22:00:00',
      modified_start_date: '2026-01-01 10:20:30',
      modified_end_date: '2026-01-01 10:20:31',
      email: 'wilhelmina+test@shop.example',
      customer_id: '7',
      shipping_first_name: 'Wilhelmina',
      shipping_last_name: 'Testwick',
      shipping_company: 'Ü',
      shipping_phone: '+1 555',
      shipping_address1: '1 Sample',
      order_by: 'date_added',
      order: 'ASC',
      get_order_history: '1',
      limit: '500',
      offset: '40',
    });
  });

  it('asks for the customer address under its own names', () => {
    expect(sent({ address: { of: 'customer', lastName: 'T' } })).toMatchObject({ customer_last_name: 'T' });
  });

  it('rounds parts of a second up, so that "from" stays inclusive and "to" exclusive', () => {
    const date = new Date('2026-01-01T10:20:30.001Z');
    expect(sent({ addedFrom: date, addedTo: date })).toMatchObject({
      search_start_date: '2026-01-01 10:20:31',
      search_end_date: '2026-01-01 10:20:31',
    });
  });

  it.each<[Partial<OrderQuery>, string]>([
    [{ email: '' }, 'email'],
    [{ sourceId: '  ' }, 'source_id'],
    [{ folderIds: [] }, 'folder_id'],
    [{ folderIds: ['1,2'] }, 'folder_id'],
    [{ folderIds: [''] }, 'folder_id'],
    [{ address: { of: 'shipping', phone: '' } }, 'shipping_phone'],
    [{ addedFrom: new Date(Number.NaN) }, 'search_start_date'],
    [{ sortBy: 'date_added; x' }, 'order_by'],
    [{ limit: 0 }, 'limit'],
    [{ limit: 501 }, 'limit'],
    [{ limit: 1.5 }, 'limit'],
    [{ offset: -1 }, 'offset'],
  ])('refuses what Order Desk would ignore: %j', (query, field) => {
    expect(thrownBy(() => sent(query))).toMatchObject({ code: 'invalid_argument', field });
  });
});
