import { describe, expect, it } from 'vitest';
import { id, optionalId } from '../../../src/orderdesk/parse/json.js';

describe('an id', () => {
  it('has at most 64 characters, for it stands whole in answers and cursors', () => {
    expect(id({ id: 'x'.repeat(64) }, 'id', 'orders.0')).toHaveLength(64);
    expect(() => id({ id: 'x'.repeat(65) }, 'id', 'orders.0')).toThrow(
      expect.objectContaining({ code: 'upstream_malformed', field: 'orders.0.id' }),
    );
  });

  it('of somebody else may be longer: a customer known by an e-mail address', () => {
    const customer_id = `${'x'.repeat(64)}@example.com`;
    expect(optionalId({ customer_id }, 'customer_id', '')).toBe(customer_id);
  });
});
