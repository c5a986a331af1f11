/** What became of a write, as its caller reads it. */
import { describe, expect, it } from 'vitest';
import type { ChangeAnswer, ChangeLine } from '../../../src/changes/port.js';
import { jsonSize, TEXT_BUDGET } from '../../../src/orders/budget.js';
import { showAnswer } from '../../../src/tools/write-answer.js';
import { pathText } from '../../../src/tools/write-lines.js';
import { changeSightOf, WHOLE_SIGHT } from '../../../src/tools/write-sight.js';
import { aLine, anAnswer, CHANGE_ID } from './support/changes.js';
import { aPrincipal } from './support/ports.js';

const show = (change: Partial<ChangeAnswer> = {}, hasKey = false) =>
  showAnswer(anAnswer(change), { sight: WHOLE_SIGHT, hasKey });

const moved = (id: number, change: Partial<ChangeLine> = {}): ChangeLine =>
  aLine({
    target: { kind: 'order', id: String(id) },
    fields: [{ path: ['folder_id'], before: 1, after: 2 }],
    ...change,
  });

describe('the answer of a write', () => {
  it('says what was changed, from what to what', () => {
    const lines = [
      aLine({
        fields: [
          { path: ['order_items', '#47986', 'quantity'], before: 1, after: 2 },
          { path: ['checkout_data', 'Gift Message'], before: 'Hello' },
          { path: ['order_notes', '+0'], after: { content: 'Called' } },
        ],
      }),
    ];
    expect(show({ lines, version: 'f'.repeat(32) })).toEqual({
      store: 'main',
      outcome: 'applied',
      change_id: CHANGE_ID,
      undoable: true,
      version: 'f'.repeat(32),
      api_calls: 2,
      results: [
        {
          order_id: '26211',
          outcome: 'applied',
          changes: [
            { field: 'order_items[47986].quantity', before: 1, after: 2 },
            { field: 'checkout_data.Gift Message', before: 'Hello' },
            { field: 'order_notes[+0]', after: { content: 'Called' } },
          ],
        },
      ],
    });
  });

  it('names an inventory item by id and code, a new order by the number of the shop', () => {
    const item: ChangeLine = {
      target: { kind: 'inventory', id: '7', name: 'GUM' },
      outcome: 'already',
      fields: [],
    };
    const order: ChangeLine = {
      target: { kind: 'order', id: null, name: 'A-1' },
      outcome: 'failed',
      fields: [],
    };
    expect(show({ lines: [item, order] }).results).toEqual([
      { id: '7', code: 'GUM', outcome: 'already' },
      { source_id: 'A-1', outcome: 'failed' },
    ]);
  });

  it('marks what is replayed and what was not recorded, and neither where it is not so', () => {
    expect(show()).not.toHaveProperty('replayed');
    expect(show()).not.toHaveProperty('recorded');
    const answer = show({ replayed: true, recorded: false });
    expect(answer).toMatchObject({ replayed: true, recorded: false });
    expect(answer.remarks).toEqual([expect.stringContaining('outcome is true')]);
  });

  it('of a preview gives what the engine says besides, and the token to confirm with', () => {
    const answer = show({
      outcome: 'preview',
      changeId: null,
      remarks: ['The rules of the folder run.'],
      confirmationToken: 'token-1',
    });
    expect(answer).toMatchObject({
      outcome: 'preview',
      change_id: null,
      confirmation_token: 'token-1',
      api_calls: 2,
    });
    expect(answer).not.toHaveProperty('undoable');
    expect(answer.remarks).toEqual([
      expect.stringContaining('without dry_run, within 10 minutes'),
      'The rules of the folder run.',
    ]);
  });

  it('of a preview says what would be applied, and what is decided already as it is', () => {
    const lines = [moved(1), moved(2), moved(3, { outcome: 'already' }), moved(4, { outcome: 'failed' })];
    const answer = show({ outcome: 'preview', changeId: null, lines });
    expect(answer.results.map(({ outcome }) => outcome)).toEqual(['would_apply', 'already', 'failed']);
    expect(answer.counts).toEqual({ would_apply: 2, already: 1, failed: 1 });
    const text = 'x'.repeat(1_500);
    const long = Array.from({ length: 50 }, (_, id) => moved(id, { message: `${text}${id}` }));
    const { results, omitted } = show({ outcome: 'preview', changeId: null, lines: long });
    expect(omitted).toEqual({ would_apply: 50 - results.length });
  });

  it('names folders beside their ids where they are known', () => {
    const folder = (id: string) => (id === '1' ? 'New' : null);
    const sight = { ...WHOLE_SIGHT, folder };
    const fields = [
      { path: ['folder_id'], before: 1, after: '2' },
      { path: ['order_metadata', 'folder_id'], before: 1, after: 1 },
    ];
    const { results } = showAnswer(anAnswer({ lines: [aLine({ fields })] }), { sight, hasKey: false });
    expect(results[0]?.changes).toEqual([
      { field: 'folder_id', before: 1, after: '2', before_name: 'New' },
      { field: 'order_metadata.folder_id', before: 1, after: 1 },
    ]);
  });

  it('says what to do when the outcome is unknown, by whether the call can be repeated', () => {
    const unknown = { outcome: 'unknown', lines: [moved(1, { outcome: 'unknown' })] } as const;
    expect(show({ ...unknown, check: 'Get the order.' })).toMatchObject({
      outcome: 'unknown',
      check: 'Get the order.',
      remarks: [expect.stringContaining('could do it twice')],
    });
    expect(show(unknown).check).toEqual(expect.stringContaining('compare'));
    expect(show(unknown, true).remarks).toEqual([expect.stringContaining('never sends it twice')]);
  });

  it('says how to go on with what was not sent', () => {
    const lines = [moved(1), moved(2, { outcome: 'not_sent', fields: [] })];
    const partly = { outcome: 'partly', lines } as const;
    expect(show(partly)).toMatchObject({
      counts: { applied: 1, not_sent: 1 },
      remarks: [expect.stringContaining('these lines alone')],
    });
    expect(show(partly, true).remarks).toEqual([expect.stringContaining('same idempotency_key goes on')]);
  });

  it('tells the words of Order Desk apart from ours', () => {
    const lines = [
      aLine({ outcome: 'failed', fields: [], message: 'Order Desk refused it.', quoted: 'No such carrier' }),
    ];
    expect(show({ lines }).results).toEqual([
      {
        order_id: '26211',
        outcome: 'failed',
        message: 'Order Desk refused it.',
        order_desk_said: 'No such carrier',
      },
    ]);
  });

  it('puts orders of which the same is to be said into one line', () => {
    const lines = [moved(1), moved(2, { outcome: 'already', fields: [] }), moved(3), moved(4)];
    expect(show({ lines }).results).toEqual([
      {
        order_ids: ['1', '3', '4'],
        outcome: 'applied',
        changes: [{ field: 'folder_id', before: 1, after: 2 }],
      },
      { order_id: '2', outcome: 'already' },
    ]);
  });

  it('shows 500 moved orders whole', () => {
    const lines = Array.from({ length: 500 }, (_, index) => moved(900_000_000_000 + index));
    const answer = show({ lines });
    expect(answer.results).toHaveLength(1);
    expect(answer.results[0]?.order_ids).toHaveLength(500);
    expect(answer).not.toHaveProperty('omitted');
    expect(jsonSize(answer)).toBeLessThanOrEqual(TEXT_BUDGET);
  });

  it('leaves out whole lines for size, those that need somebody last, and counts them', () => {
    const text = 'x'.repeat(300);
    const lines = Array.from({ length: 100 }, (_, index) =>
      index % 10 === 9
        ? aLine({
            target: { kind: 'order', id: `${index}` },
            outcome: 'failed',
            fields: [],
            message: `${text}${index}`,
          })
        : aLine({
            target: { kind: 'order', id: `${index}` },
            fields: [{ path: ['email'], before: text, after: index }],
          }),
    );
    const answer = show({ outcome: 'partly', lines });
    expect(jsonSize(answer)).toBeLessThanOrEqual(TEXT_BUDGET - 80);
    expect(answer.results.filter(({ outcome }) => outcome === 'failed')).toHaveLength(10);
    const shown = answer.results.filter(({ outcome }) => outcome === 'applied').length;
    expect(shown).toBeGreaterThan(20);
    expect(answer).toMatchObject({ counts: { applied: 90, failed: 10 }, omitted: { applied: 90 - shown } });
    const ids = answer.results.map(({ order_id }) => Number(order_id));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
  });

  it('cuts one long value and leaves out fields of one long line, whatever they hold', () => {
    const wild = '\u0007"\\'.repeat(3_000);
    const fields = Array.from({ length: 60 }, (_, index) => ({
      path: ['checkout_data', `${index}${wild}`],
      before: wild,
    }));
    const answer = show({
      lines: [aLine({ fields, message: wild, quoted: wild })],
      remarks: [wild, wild],
      check: wild,
    });
    expect(jsonSize(answer)).toBeLessThanOrEqual(TEXT_BUDGET - 80);
    const [line] = answer.results;
    expect(line).toMatchObject({ changes_omitted: expect.any(Number) });
    expect(JSON.stringify(line)).toContain('…');
  });
});

describe('the answer for a key that may not see customers', () => {
  const masker = { of: async () => (kind: string, value: string) => `${kind}-${value.length}` };

  it('names nobody, and passes on no words of others', async () => {
    const sight = await changeSightOf(masker, aPrincipal());
    const lines = [
      aLine({
        target: { kind: 'order', id: '26211', name: 'ada@example.com 17' },
        fields: [
          { path: ['email'], before: 'ada@example.com', after: 'bea@example.com' },
          { path: ['order_notes', '+0'], after: { content: 'Ada called' } },
          { path: ['folder_id'], before: 1, after: 2 },
        ],
        quoted: 'Ada Example has no address',
      }),
    ];
    const answer = showAnswer(anAnswer({ lines, replayed: true }), { sight, hasKey: true });
    expect(JSON.stringify(answer)).not.toMatch(/ada|bea/i);
    expect(answer.results).toMatchObject([
      { changes: [{ before: 'mail-15', after: 'mail-15' }, {}, { field: 'folder_id', before: 1, after: 2 }] },
    ]);
  });

  it('of other keys is whole', async () => {
    expect(await changeSightOf({ of: async () => undefined }, aPrincipal())).toBe(WHOLE_SIGHT);
  });
});

describe('the path of a field', () => {
  it.each([
    [['shipping', 'city'], 'shipping.city'],
    [['order_items', '#1', 'metadata', 'a.b'], 'order_items[1].metadata.a.b'],
    [['order_history', '+'], 'order_history[+]'],
    [[], ''],
  ])('%j reads %s', (path, text) => {
    expect(pathText(path)).toBe(text);
  });
});
