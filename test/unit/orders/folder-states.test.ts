import { describe, expect, it } from 'vitest';
import { folderStates } from '../../../src/orders/folder-states.js';
import type { FolderState } from '../../../src/tenancy/stores.js';

/** What is taken from the name alone. */
const guessed = (name: string): FolderState => folderStates([{ id: '1', name }], {}).of('1');

describe('the state of a folder, by its name', () => {
  it.each([
    ...['Canceled', 'cancelled', 'CANCELED', 'Void', 'voided', 'Canceled – Refunded', '2. Cancelled'],
    ...['_void_', 'Canceled orders', 'Shipped or canceled', 'Ｖｏｉｄ', ' Cancelled '],
  ])('"%s" is canceled', (name) => {
    expect(guessed(name)).toBe('canceled');
  });

  it.each([
    ...['Closed', 'Shipped', 'Completed 2025', 'Orders Shipped', 'Archive', 'ALL DONE', '05 - Delivered'],
    ...['Fulfilled and closed', 'Completed / Archived'],
  ])('"%s" is closed', (name) => {
    expect(guessed(name)).toBe('closed');
  });

  it.each([
    ...['', '2025', 'New', 'Prepared', 'Non-canceled', 'Not canceled', 'Not yet voided', 'Void checks'],
    ...['Sent to Warehouse', 'Un-shipped', 'Unshipped', 'Not shipped', 'Ready to get shipped'],
    ...['Payment completed', 'Avoid delays', 'Cancel requests', 'Devoid', 'Voidable', 'Storniert'],
    ...['Cancelled by us', 'Partially shipped', 'Refunded', 'To be closed', 'constructor'],
  ])('"%s" says nothing of the kind: open', (name) => {
    expect(guessed(name)).toBe('open');
  });
});

describe('the state of a folder', () => {
  const folders = [
    { id: '1', name: 'Canceled' },
    { id: '2', name: 'Storniert' },
    { id: '3', name: 'Shipped' },
  ];

  it('is what the owner says, and only else what the name says', () => {
    const states = folderStates(folders, { 1: 'open', 2: 'canceled' });
    expect(states.all).toEqual([
      { id: '1', name: 'Canceled', state: 'open', by: 'owner' },
      { id: '2', name: 'Storniert', state: 'canceled', by: 'owner' },
      { id: '3', name: 'Shipped', state: 'closed', by: 'name' },
    ]);
    expect(['1', '2', '3'].map(states.of)).toEqual(['open', 'canceled', 'closed']);
  });

  it('is what the owner says also of a folder that is not in the list, which may be older or may be gone', () => {
    const states = folderStates(folders, { 9: 'canceled' });
    expect(states.of('9')).toBe('canceled');
    expect(states.all.map(({ id }) => id)).toEqual(['1', '2', '3']);
  });

  it('is open where nothing is known: no folder, one not in the list, one named after a member of objects', () => {
    const states = folderStates([...folders, { id: 'constructor', name: 'New' }], {});
    expect([null, '9', 'constructor', 'toString'].map(states.of)).toEqual(['open', 'open', 'open', 'open']);
    expect(states.all.at(-1)).toMatchObject({ state: 'open', by: 'name' });
  });
});
