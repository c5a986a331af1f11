import { describe, expect, it } from 'vitest';
import type { ShownChange } from '../../../src/cli/change-commands.js';
import { changeText, jsonLine, listRow } from '../../../src/cli/change-text.js';
import { render } from '../../../src/cli/render.js';

/** Clears the screen, hides what follows, turns the direction of writing, and ends a line where none ends. */
const HOSTILE = 'Ann\u001b[2J\u009b8m\u202etxt\u2028\u{e0041}';
const UNPRINTABLE = /[^\P{C}\n]|[\p{Zl}\p{Zp}]/u;

const change = (given: Partial<ShownChange> = {}): ShownChange => ({
  id: '01900000-0000-7000-8000-000000000001',
  at: '2026-02-01T00:00:00.000Z',
  store: 'Main',
  orderDeskStoreId: '11',
  key: 'agent',
  client: null,
  tool: 'update_order',
  state: 'applied',
  outcome: 'unchanged',
  undoneBy: null,
  lines: [
    {
      target: { kind: 'order', id: '7' },
      outcome: 'applied',
      fields: [
        { path: ['shipping', 'first_name'], before: 'Bob', after: HOSTILE },
        { path: ['email'], before: undefined, after: 'ann@example.com' },
      ],
    },
  ],
  ...given,
});

describe('a change for a person', () => {
  it('shows each field before and after', () => {
    const text = changeText(change());
    expect(text).toContain('tool: update_order\nstate: applied\n');
    expect(text).toContain('order 7: applied\n');
    expect(text).toContain('  shipping.first_name: "Bob" -> "Ann');
    expect(text).toContain('  email: (none) -> "ann@example.com"\n');
    expect(text).toContain('client: -\n');
  });

  it('says that what was is gone', () => {
    expect(changeText(change({ lines: null }))).toContain('what was and what is: past its time');
  });

  it('gives nothing to a terminal that it could obey, whoever wrote it', () => {
    const line = {
      target: { kind: 'inventory', id: null, name: HOSTILE },
      outcome: 'failed',
      fields: [{ path: [HOSTILE], before: [HOSTILE], after: { [HOSTILE]: 1 } }],
      message: HOSTILE,
      quoted: HOSTILE,
    };
    const hostile = change({ key: HOSTILE, client: HOSTILE, store: HOSTILE, lines: [line, line] });
    for (const text of [changeText(hostile), render([listRow(hostile)]), jsonLine(hostile)]) {
      expect(text).not.toMatch(UNPRINTABLE);
      expect(text).toContain('Ann\\u001b[2J');
    }
    expect(changeText(hostile).split('\n')).toHaveLength(changeText(change()).split('\n').length + 3);
  });

  it('is JSON that reads back as the same value, in one line', () => {
    const given = change({ key: `${HOSTILE}\ud800"\\` });
    expect(JSON.parse(jsonLine(given))).toEqual(JSON.parse(JSON.stringify(given)));
    expect(jsonLine(given)).not.toContain('\n');
  });

  it('has a line of a table, with how many things it was about', () => {
    const many = change({ lines: Array.from({ length: 3 }, () => change().lines?.[0] ?? never()) });
    expect(listRow(many)).toMatchObject({
      target: 'order 7 and 2 more',
      store: 'Main',
      state: 'applied',
      outcome: 'unchanged',
    });
    expect(listRow(change({ store: null, lines: null, outcome: null }))).toMatchObject({
      target: '-',
      store: '11',
      outcome: null,
    });
  });
});

const never = (): never => {
  throw new Error('there is a line');
};
