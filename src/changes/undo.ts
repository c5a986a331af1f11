/** Undo: the inverse of a change that the ledger holds, made as a change of its own. */
import { AppError } from '../errors.js';
import type { Principal } from '../tenancy/principal.js';
import type { StoreEntry } from '../tenancy/stores.js';
import type { StoredChange } from './ledger.js';
import type { ChangeContext, ChangeKind, ChangeRequest, UndoRequest } from './port.js';
import type { EngineDeps } from './run.js';
import { outcomeOpen, undoneAlready } from './undone.js';

const UNDO_TOOL = 'undo_change';

/** The tool that makes a change of each kind: a key that may not use it may not undo into it either. */
const TOOLS: Readonly<Record<ChangeKind, string>> = {
  order_update: 'update_order',
  order_create: 'create_order',
  order_delete: 'delete_order',
  orders_move: 'move_orders',
  note_add: 'add_order_note',
  item_add: 'add_order_item',
  item_update: 'update_order_item',
  item_remove: 'remove_order_item',
  shipments_add: 'add_shipments',
  shipment_update: 'update_shipment',
  shipments_delete: 'delete_shipment',
  inventory_update: 'update_inventory',
  inventory_create: 'create_inventory_item',
  inventory_delete: 'delete_inventory_item',
};

/** The toolset with which a key may undo what other keys did. */
const MAY_UNDO_OTHERS = 'destructive';

export interface Inverse {
  readonly request: ChangeRequest;
  readonly undoes: string;
  /** Moves and deletes run rules again, or cannot be taken back themselves. */
  readonly confirm: boolean;
  readonly remarks: readonly string[];
  /** It was undone before: perhaps by an earlier call with the same key, which is answered again then. */
  readonly refusal: AppError | undefined;
}

/** @throws AppError `not_found`, `forbidden`, `in_progress`, `cannot_undo` with the reason */
export async function inverseOf(
  deps: EngineDeps,
  request: UndoRequest,
  { principal }: ChangeContext,
): Promise<Inverse> {
  const stores = await deps.storesOf(principal);
  const change = await deps.ledger.get(principal, stores, request.changeId);
  const store = stores.find(({ rowId }) => rowId === change.storeRowId);
  if (store === undefined) throw new AppError('not_found');
  assertOwn(principal, change);
  const type = deps.types[change.kind];
  const { kind, intent, remarks } = type.inverse(recorded(change));
  const tool = TOOLS[kind];
  if (!deps.mayUse(principal, tool)) {
    throw new AppError('forbidden', `To undo this change, the key must be allowed to use ${tool}.`);
  }
  return {
    request: inverseRequest(request, store, kind, intent),
    undoes: change.id,
    confirm: type.confirm !== undefined,
    remarks: [...remarks, ...(isOfSeveral(change) ? [ONLY_ONCE] : [])],
    refusal: refusalOf(change),
  };
}

const ONLY_ONCE = 'Lines that this undo does not take back cannot be undone by another call.';

const isOfSeveral = ({ images }: StoredChange): boolean => (images?.lines.length ?? 0) > 1;

const refusalOf = ({ undoneBy, undoneAs }: StoredChange): AppError | undefined =>
  undoneBy === null || undoneAs === null ? undefined : undoneAlready(undoneBy, undoneAs);

const inverseRequest = (
  { changeId, dryRun, idempotencyKey, confirmationToken }: UndoRequest,
  store: StoreEntry,
  kind: ChangeKind,
  intent: ChangeRequest['intent'],
): ChangeRequest => ({
  tool: UNDO_TOOL,
  kind,
  intent,
  args: { change_id: changeId },
  store,
  dryRun,
  idempotencyKey,
  confirmationToken,
});

function assertOwn({ keyId, role, scope }: Principal, change: StoredChange): void {
  const { toolsets, exclude } = scope;
  const mayUndoOthers =
    role === 'owner' ||
    (toolsets !== 'standard' && toolsets.includes(MAY_UNDO_OTHERS) && !exclude.includes(MAY_UNDO_OTHERS));
  if (change.keyId === keyId || mayUndoOthers) return;
  throw new AppError('forbidden', 'Another key made this change; this key may undo its own only.');
}

/**
 * What the ledger alone can say against it; the kind then says what it knows.
 * @throws AppError `cannot_undo`, `in_progress`
 */
function recorded(change: StoredChange): Parameters<EngineDeps['types'][ChangeKind]['inverse']>[0] {
  const { id, kind, state, images, sentAt, at } = change;
  if (state === 'claimed' || state === 'pending') throw outcomeOpen();
  if (state === 'failed') throw cannot('It was not applied.');
  if (images === null) throw cannot('What was there before is no longer kept.');
  if (!images.lines.some(({ outcome }) => outcome === 'applied')) {
    throw cannot(state === 'unknown' ? 'What became of it is not known.' : 'It changed nothing.');
  }
  return { id, kind, lines: images.lines, records: images.records, sentAt: sentAt ?? at };
}

const cannot = (reason: string): AppError =>
  new AppError('cannot_undo', `This change cannot be undone. ${reason}`);
