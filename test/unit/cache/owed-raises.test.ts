import { describe, expect, it } from 'vitest';
import { OwedRaises } from '../../../src/cache/owed-raises.js';

const scopes = (owed: OwedRaises) => [...owed.batch().keys()];

describe('owed raises', () => {
  it('are merged by scope', () => {
    const owed = new OwedRaises('all');
    owed.add(['a', 'b']);
    owed.add(['b', 'c']);
    expect(scopes(owed)).toEqual(['a', 'b', 'c']);
    owed.done(owed.batch());
    expect(owed.size).toBe(0);
  });

  it('are still owed when they came again while they were being done', () => {
    const owed = new OwedRaises('all');
    owed.add(['a', 'b']);
    const batch = owed.batch();
    owed.add(['b']);
    owed.done(batch);
    expect(scopes(owed)).toEqual(['b']);
  });

  it('become one raise of everything when they are too many', () => {
    const owed = new OwedRaises('all', 3);
    owed.add(['a', 'b', 'c']);
    expect(scopes(owed)).toEqual(['a', 'b', 'c']);
    owed.add(['d']);
    expect(scopes(owed)).toEqual(['all']);
    owed.add(['a']);
    expect(scopes(owed)).toEqual(['all', 'a']);
  });
});
