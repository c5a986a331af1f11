import { describe, expect, it } from 'vitest';
import { isResumable, outcomeOf, outcomeOfEntry, stateOf } from '../../../../src/changes/outcomes.js';
import type { ChangeLine, LineOutcome } from '../../../../src/changes/port.js';

const lines = (...outcomes: readonly LineOutcome[]): readonly ChangeLine[] =>
  outcomes.map((outcome) => ({ target: { kind: 'order', id: '1' }, outcome, fields: [] }));

describe('the outcome of a change', () => {
  it.each<[readonly LineOutcome[], ReturnType<typeof outcomeOf>, ReturnType<typeof stateOf>]>([
    [['applied', 'applied'], 'applied', 'applied'],
    [['applied', 'already'], 'applied', 'applied'],
    [['already', 'already'], 'unchanged', 'applied'],
    [['failed', 'failed'], 'failed', 'failed'],
    [['already', 'failed'], 'partly', 'applied'],
    [['applied', 'failed'], 'partly', 'applied'],
    [['applied', 'not_sent'], 'partly', 'applied'],
    [['not_sent', 'not_sent'], 'failed', 'failed'],
    [['failed', 'not_sent'], 'partly', 'failed'],
    [['unknown'], 'unknown', 'unknown'],
    [['applied', 'unknown'], 'partly', 'unknown'],
  ])('of %j is %s, and its state %s', (outcomes, outcome, state) => {
    expect(outcomeOf(lines(...outcomes))).toBe(outcome);
    expect(stateOf(lines(...outcomes))).toBe(state);
  });

  it.each([
    ['claimed', lines('not_sent'), null],
    ['pending', lines('applied', 'unknown'), null],
    ['applied', lines('already', 'already'), 'unchanged'],
    ['applied', lines('already', 'failed'), 'partly'],
    ['unknown', lines('unknown'), 'unknown'],
    ['failed', [], 'failed'],
    ['applied', null, 'applied'],
  ] as const)('of an entry that is %s, with lines %j, is %s', (state, its, outcome) => {
    expect(outcomeOfEntry(state, its)).toBe(outcome);
  });

  it('leaves something to go on with where a line was not sent', () => {
    expect(isResumable(lines('applied', 'not_sent'))).toBe(true);
    expect(isResumable(lines('applied', 'failed', 'unknown', 'already'))).toBe(false);
  });
});
