import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { allowListedStore, parseStore } from '../../../src/orderdesk/parse/store.js';
import { storeReply, thrownBy } from './records.js';

describe('the settings of a store', () => {
  it('are read by an allow-list', () => {
    expect(parseStore(storeReply())).toEqual({
      orderDeskId: '11',
      name: 'Test Store',
      timeZone: 'America/Los_Angeles',
      country: 'US',
      locale: 'en_US',
      folders: [
        { id: '21654', name: 'New' },
        { id: '21655', name: 'Prepared' },
      ],
      shippingMethods: [],
      stockFollowsSales: null,
    });
  });

  it('keep no secret, neither in the view nor in what may be cached, wherever Order Desk puts it', () => {
    const reply = storeReply({
      store: { api_key: 'LEAKED-1', secret: 'LEAKED-2' },
      settings: { shipping_methods: [{ name: 'Ground', password: 'LEAKED-3' }], anything: 'LEAKED-4' },
    });
    expect(JSON.stringify(reply)).toContain('LEAKED-API-KEY');
    const kept = allowListedStore(reply);
    expect(JSON.stringify(kept) + JSON.stringify(parseStore(reply))).not.toContain('LEAKED');
    expect(parseStore(kept)).toEqual(parseStore(reply));
    expect(parseStore(kept).shippingMethods).toEqual(['Ground']);
  });

  it.each([
    [{ id: 11 }, { orderDeskId: '11' }],
    [{ folders: [] }, { folders: [] }],
    [{ folders: {} }, { folders: [] }],
    [{ folders: undefined }, { folders: [] }],
    [{ folders: [{ id: 5, name: 'New' }] }, { folders: [{ id: '5', name: 'New' }] }],
    [
      { settings: [] },
      { timeZone: null, country: null, locale: null, shippingMethods: [], stockFollowsSales: null },
    ],
  ])('tolerate PHP: %j', (store, expected) => {
    expect(parseStore(storeReply({ store }))).toMatchObject(expected);
  });

  it.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['US/Pacific', 'US/Pacific'],
    ['Middle-earth/Shire', null],
    ['', null],
  ])('take the time zone %j as %j', (timezone, expected) => {
    expect(parseStore(storeReply({ settings: { timezone } })).timeZone).toBe(expected);
  });

  it.each([
    ['1', true],
    [1, true],
    [true, true],
    ['', false],
    ['0', false],
    [0, false],
    [false, false],
    [null, null],
    [undefined, null],
    ['sometimes', null],
    [{}, null],
  ])('take the switch that lets the stock follow sales, %j, as %s', (auto_update_stock_count, expected) => {
    const reply = storeReply({ settings: { auto_update_stock_count } });
    expect(parseStore(reply).stockFollowsSales).toBe(expected);
    const kept = allowListedStore(reply);
    expect(parseStore(JSON.parse(JSON.stringify(kept))).stockFollowsSales).toBe(expected);
  });

  it.each([
    [{ store: undefined }, 'store'],
    [{ store: [] }, 'store'],
    [{ store: { name: 'No id' } }, 'store.id'],
    [{ store: { id: '1', folders: 'none' } }, 'store.folders'],
    [{ store: { id: '1', folders: ['New'] } }, 'store.folders.0'],
    [{ store: { id: '1', folders: { '5': {} } } }, 'store.folders.5'],
  ])('are refused when they are nonsense, naming the field: %j', (reply, field) => {
    expect(thrownBy(() => parseStore(reply))).toMatchObject({ code: 'upstream_malformed', field });
  });

  it('are read or refused with upstream_malformed, whatever comes', () => {
    const anyOf = (keys: readonly string[]) =>
      fc.record(Object.fromEntries(keys.map((key) => [key, fc.jsonValue()])), { requiredKeys: [] });
    const rough = fc.tuple(
      anyOf(['id', 'name', 'folders']),
      anyOf(['timezone', 'store_country', 'shipping_methods', 'auto_update_stock_count']),
    );
    fc.assert(
      fc.property(rough, ([store, settings]) => {
        try {
          parseStore(allowListedStore(storeReply({ store, settings })));
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect(error).toMatchObject({ code: 'upstream_malformed' });
        }
      }),
    );
  });
});
