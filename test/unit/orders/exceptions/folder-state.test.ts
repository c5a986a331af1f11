import { expect, it } from 'vitest';
import { folderState } from '../../../../src/orders/exceptions/folder-state.js';

it.each([
  ['Closed', 'closed'],
  ['Shipped', 'closed'],
  ['Orders – delivered', 'closed'],
  ['COMPLETE', 'closed'],
  ['Completed 2026', 'closed'],
  ['Archive', 'closed'],
  ['Canceled', 'canceled'],
  ['Cancelled & closed', 'canceled'],
  ['New', 'open'],
  ['Ready to Ship', 'open'],
  ['To be shipped', 'open'],
  ['Not shipped', 'open'],
  ['Unshipped', 'open'],
  ['Partially fulfilled', 'open'],
  ['Incomplete', 'open'],
  ['Awaiting delivery', 'open'],
  ['Shipping', 'open'],
  [null, 'open'],
])('%j counts as %s', (name, state) => {
  expect(folderState(name)).toBe(state);
});
