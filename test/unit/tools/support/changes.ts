/** The engine of changes as the tools see it: it notes what it is asked, and answers what it is told to. */
import type {
  ChangeAnswer,
  ChangeContext,
  ChangeEngine,
  ChangeEntry,
  ChangeFilter,
  ChangeLine,
  ChangePage,
  ChangeRequest,
  UndoRequest,
} from '../../../../src/changes/port.js';
import { aStoreEntry } from './store-entry.js';

export const CHANGE_ID = '01900000-0000-7000-8000-000000000001';

export const aLine = (change: Partial<ChangeLine> = {}): ChangeLine => ({
  target: { kind: 'order', id: '26211' },
  outcome: 'applied',
  fields: [{ path: ['email'], before: 'ada@example.com', after: 'bea@example.com' }],
  ...change,
});

export const anAnswer = (change: Partial<ChangeAnswer> = {}): ChangeAnswer => ({
  outcome: 'applied',
  kind: 'order_update',
  store: aStoreEntry(),
  changeId: CHANGE_ID,
  replayed: false,
  recorded: true,
  lines: [aLine()],
  undoable: true,
  remarks: [],
  apiCalls: 2,
  ...change,
});

export const anEntry = (change: Partial<ChangeEntry> = {}): ChangeEntry => ({
  id: CHANGE_ID,
  at: new Date('2026-01-31T12:00:00Z'),
  store: { rowId: 'row-1', name: 'main', orderDeskId: '11' },
  keyName: 'agent',
  kid: 'kid0000001',
  client: 'example-client 1.0',
  tool: 'update_order',
  kind: 'order_update',
  state: 'applied',
  outcome: 'applied',
  lines: [aLine()],
  undoable: true,
  undoes: null,
  undoneBy: null,
  ...change,
});

export interface FakeEngine extends ChangeEngine {
  readonly requests: ChangeRequest[];
  readonly contexts: ChangeContext[];
  readonly undone: UndoRequest[];
  readonly filters: ChangeFilter[];
}

export function fakeEngine(
  answer: ChangeAnswer = anAnswer(),
  page: (filter: ChangeFilter) => ChangePage = () => ({ entries: [], hasMore: false }),
): FakeEngine {
  const requests: ChangeRequest[] = [];
  const contexts: ChangeContext[] = [];
  const undone: UndoRequest[] = [];
  const filters: ChangeFilter[] = [];
  return {
    requests,
    contexts,
    undone,
    filters,
    async run(request, ctx) {
      requests.push(request);
      contexts.push(ctx);
      return answer;
    },
    async undo(request, ctx) {
      undone.push(request);
      contexts.push(ctx);
      return answer;
    },
    async list(_principal, filter) {
      filters.push(filter);
      return page(filter);
    },
  };
}
