import { describe, expect, it } from 'vitest';
import type { LookedUp, Verdict } from '../../../../src/changes/change-type.js';
import { LOOK_YOURSELF, NOT_CARRIED_OUT } from '../../../../src/changes/outcomes.js';
import type { ChangeLine } from '../../../../src/changes/port.js';
import { closingOf, isConclusive, type Settleable, together } from '../../../../src/changes/settle.js';
import { aStoreEntry } from '../../tools/support/ports.js';

const line = (id: string): ChangeLine => ({ target: { kind: 'order', id }, outcome: 'applied', fields: [] });
const found = (...looks: readonly LookedUp[]): readonly Verdict[] =>
  looks.map((look, place) => ({ index: place + 1, found: look }));

/** Line 0 is done, lines 1 and 2 were sent, line 3 was not reached. */
const sent: Settleable = {
  id: 'change-1',
  kind: 'orders_move',
  sentAt: new Date(0),
  effects: 3,
  store: aStoreEntry(),
  images: {
    lines: [
      line('0'),
      { ...line('1'), outcome: 'unknown' },
      { ...line('2'), outcome: 'unknown' },
      { ...line('3'), outcome: 'not_sent' },
    ],
    records: {},
    open: {
      lines: [
        { index: 1, line: line('1') },
        { index: 2, line: line('2') },
      ],
      probe: {},
    },
    version: null,
    remarks: [],
  },
};
const outcomes = (verdicts: readonly Verdict[]) =>
  closingOf(sent, verdicts).images.lines.map(({ outcome }) => outcome);

describe('two looks', () => {
  it.each<[LookedUp, LookedUp, LookedUp]>([
    ['applied', 'not_applied', 'applied'],
    ['not_applied', 'applied', 'applied'],
    ['unclear', 'applied', 'applied'],
    ['not_applied', 'not_applied', 'not_applied'],
    ['not_applied', 'unclear', 'unclear'],
    ['unclear', 'not_applied', 'unclear'],
  ])('%s, then %s, say %s', (first, second, both) => {
    expect(together(found(first), found(second))).toEqual([{ index: 1, found: both }]);
  });

  it('of which one misses a line leave it unclear', () => {
    expect(together(found('not_applied', 'not_applied'), found('not_applied'))).toEqual([
      { index: 1, found: 'not_applied' },
      { index: 2, found: 'unclear' },
    ]);
  });

  it('keep what either knows of an applied line', () => {
    const known = { ...line('1'), message: 'Its id is 7.' };
    const first: readonly Verdict[] = [{ index: 1, found: 'applied', line: known }];
    expect(together(first, found('not_applied'))).toEqual([{ index: 1, found: 'applied', line: known }]);
  });

  it('keep why a line cannot be told, and why it was not applied, as the last look says it', () => {
    const told = (look: LookedUp, message: string): readonly Verdict[] => [
      { index: 1, found: look, line: { ...line('1'), message } },
    ];
    const say = (first: readonly Verdict[], second: readonly Verdict[]) => together(first, second)[0];
    expect(say(told('unclear', 'sold'), found('not_applied'))).toMatchObject({
      found: 'unclear',
      line: { message: 'sold' },
    });
    expect(say(told('unclear', 'unread'), told('unclear', 'sold'))?.line?.message).toBe('sold');
    expect(say(told('not_applied', 'gone'), told('not_applied', 'gone'))).toMatchObject({
      found: 'not_applied',
      line: { message: 'gone' },
    });
    expect(say(told('not_applied', 'gone'), found('unclear'))).toEqual({ index: 1, found: 'unclear' });
  });
});

describe('a change is closed', () => {
  it('after one look only where every line of it is applied', () => {
    expect(isConclusive(sent, found('applied', 'applied'))).toBe(true);
    expect(isConclusive(sent, found('applied', 'not_applied'))).toBe(false);
    expect(isConclusive(sent, found('applied'))).toBe(false);
  });

  it('line by line: what is done stays, what was not applied can be sent', () => {
    const verdicts = found('applied', 'not_applied');
    expect(outcomes(verdicts)).toEqual(['applied', 'applied', 'not_sent', 'not_sent']);
    expect(closingOf(sent, verdicts)).toMatchObject({
      state: 'applied',
      resumable: true,
      refunded: 1,
      images: { open: null },
    });
  });

  it('with the reasons that the kind gives, whose outcome is never taken over', () => {
    const reasons: readonly Verdict[] = [
      { index: 1, found: 'unclear', line: { ...line('1'), message: 'Sold meanwhile.' } },
      { index: 2, found: 'not_applied', line: { ...line('2'), message: 'The order is gone.' } },
    ];
    expect(closingOf(sent, reasons).images.lines.slice(1, 3)).toEqual([
      { ...line('1'), outcome: 'unknown', message: 'Sold meanwhile.' },
      { ...line('2'), outcome: 'not_sent', message: 'The order is gone.' },
    ]);
    expect(closingOf(sent, found('unclear', 'not_applied')).images.lines.slice(1, 3)).toEqual([
      { ...line('1'), outcome: 'unknown', message: LOOK_YOURSELF },
      { ...line('2'), outcome: 'not_sent', message: NOT_CARRIED_OUT },
    ]);
  });

  it('as unknown where a line stays unclear or was not looked at', () => {
    expect(outcomes(found('applied', 'unclear'))).toEqual(['applied', 'applied', 'unknown', 'not_sent']);
    expect(outcomes(found('applied'))).toEqual(['applied', 'applied', 'unknown', 'not_sent']);
    expect(closingOf(sent, found('applied', 'unclear'))).toMatchObject({ state: 'unknown', refunded: 0 });
  });
});
