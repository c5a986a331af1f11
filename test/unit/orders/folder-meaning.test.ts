import { describe, expect, it } from 'vitest';
import { meaningOf } from '../../../src/orders/folder-meaning.js';

describe('the meaning of a folder', () => {
  it.each([
    'Canceled',
    'cancelled',
    'CANCELED',
    'Void',
    'voided',
    'Canceled – Refunded',
    '2. Cancelled',
    'X_void_Y',
  ])('"%s" is taken as canceled', (name) => {
    expect(meaningOf(name)).toBe('canceled');
  });

  it.each(['', 'New', 'Closed', 'Avoid delays', 'Cancel requests', 'Devoid', 'Voidable', 'Storniert'])(
    'nothing is guessed of "%s"',
    (name) => {
      expect(meaningOf(name)).toBeUndefined();
    },
  );
});
