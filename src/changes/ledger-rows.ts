/** A row of `changes` as the database gives it, and as the engine sees it. */
import { z } from 'zod';
import { toStoreRowId, toTenantId } from '../tenancy/ids.js';
import type { Images, StoredChange } from './ledger.js';
import { outcomeOfEntry } from './outcomes.js';
import type { ChangeKind, ChangeLine, ChangeState } from './port.js';

const KINDS: { readonly [K in ChangeKind]: K } = {
  order_update: 'order_update',
  order_create: 'order_create',
  order_delete: 'order_delete',
  orders_move: 'orders_move',
  note_add: 'note_add',
  item_add: 'item_add',
  item_update: 'item_update',
  item_remove: 'item_remove',
  shipments_add: 'shipments_add',
  shipment_update: 'shipment_update',
  shipments_delete: 'shipments_delete',
  inventory_update: 'inventory_update',
  inventory_create: 'inventory_create',
  inventory_delete: 'inventory_delete',
};

export const STATES = ['claimed', 'pending', 'applied', 'failed', 'unknown'] as const satisfies ChangeState[];

/** Of `changes c`. `lease_s` is how long the lease still lasts, in whole seconds and at least one; `null` once it is over. */
export const COLUMNS = `c.change_id, c.tenant_id, c.store_row_id, c.orderdesk_store_id, c.key_id, c.kid, c.key_name, c.client,
  c.tool, c.kind, c.state, c.resumable, c.settled_as, c.undoes, c.effects, c.step_refunded, c.images, c.created_at, c.sent_at,
  case when c.lease_until > clock_timestamp()
    then greatest(1, ceil(extract(epoch from c.lease_until - clock_timestamp())))::integer end as lease_s`;

const ofUndo = (column: string): string =>
  `(select u.${column} from changes u where u.tenant_id = c.tenant_id and u.undoes = c.change_id
    and u.state in ('pending', 'applied', 'unknown') limit 1)`;

/** An undo counts from when it may have been sent. */
export const UNDONE_BY = `${ofUndo('change_id')} as undone_by, ${ofUndo('state')} as undone_as`;

export const changeRow = z.object({
  change_id: z.string(),
  tenant_id: z.string().transform(toTenantId),
  store_row_id: z.string().transform(toStoreRowId),
  orderdesk_store_id: z.string(),
  key_id: z.string(),
  kid: z.string(),
  key_name: z.string(),
  client: z.string().nullable(),
  tool: z.string(),
  kind: z.enum(KINDS),
  state: z.enum(STATES),
  resumable: z.boolean(),
  settled_as: z.enum(STATES).nullable(),
  undoes: z.string().nullable(),
  undone_by: z.string().nullable().default(null),
  undone_as: z.enum(STATES).nullable().default(null),
  effects: z.int(),
  step_refunded: z.int(),
  images: z.instanceof(Uint8Array).nullable(),
  created_at: z.date(),
  sent_at: z.date().nullable(),
  lease_s: z.int().nullable(),
});

export type ChangeRow = z.output<typeof changeRow>;

/** @param storeName `null` where the store is gone, or nobody asked */
export function storedChange(row: ChangeRow, storeName: string | null, images: Images | null): StoredChange {
  return {
    id: row.change_id,
    tenantId: row.tenant_id,
    storeRowId: row.store_row_id,
    keyId: row.key_id,
    at: row.created_at,
    store: { rowId: row.store_row_id, name: storeName, orderDeskId: row.orderdesk_store_id },
    keyName: row.key_name,
    kid: row.kid,
    client: row.client,
    tool: row.tool,
    kind: row.kind,
    state: row.state,
    outcome: outcomeOfEntry(row.state, images?.lines ?? null),
    lines: images?.lines ?? null,
    undoable: isUndoable(row, images),
    undoes: row.undoes,
    undoneBy: row.undone_by,
    undoneAs: row.undone_as,
    images,
    sentAt: row.sent_at,
    effects: row.effects,
    refunded: row.step_refunded,
    resumable: row.resumable,
  };
}

/** As far as the ledger can tell: whether its kind can be taken back at all is for others to say. */
const isUndoable = ({ undone_by, state }: ChangeRow, images: Images | null): boolean => {
  const mayStand = undone_by === null && (state === 'applied' || state === 'unknown');
  return mayStand && (images?.lines.some(({ outcome }) => outcome === 'applied') ?? false);
};

/** What the lines work on, as the index knows it. */
export const targetsOf = (lines: readonly ChangeLine[]): readonly string[] => [
  ...new Set(lines.flatMap(({ target: { kind, id } }) => (id === null ? [] : [`${kind}:${id}`]))),
];
