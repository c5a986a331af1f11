import { describe, expect, it } from 'vitest';
import { ActiveTenants } from '../../../src/telemetry/active-tenants.js';

const MINUTE = 60_000;

describe('active tenants', () => {
  it('are those with a call in the last five minutes, each counted once', () => {
    let time = 0;
    const tenants = new ActiveTenants(() => time);
    expect(tenants.count()).toBe(0);
    for (const name of ['a', 'b', 'a']) tenants.note(name);
    expect(tenants.count()).toBe(2);
    time = 3 * MINUTE;
    tenants.note('b');
    time = 5 * MINUTE + 1;
    expect(tenants.count()).toBe(1);
    time = 8 * MINUTE + 1;
    expect(tenants.count()).toBe(0);
  });

  it('are forgotten without a scrape, too, when there are many', () => {
    let time = 0;
    let asked = 0;
    const tenants = new ActiveTenants(() => {
      asked += 1;
      return time;
    });
    for (let i = 0; i < 9_999; i += 1) tenants.note(`tenant ${i}`);
    time = 6 * MINUTE;
    const before = asked;
    tenants.note('the one that makes it too many');
    // The sweep looks at the clock once more than noting does.
    expect(asked - before).toBe(2);
    expect(tenants.count()).toBe(1);
  });
});
