/** Requests of the small kinds, as their tools would make them. */
import type { ChangeRequest } from '../../../src/changes/port.js';
import type { Shop } from './engine-room.js';

type Asked<K extends 'order_update' | 'orders_move'> = Partial<
  Omit<ChangeRequest<K>, 'tool' | 'kind' | 'store'>
>;

export function emailRequest(
  { store }: Pick<Shop, 'store'>,
  orderId: string,
  email: string,
  change: Asked<'order_update'> = {},
): ChangeRequest<'order_update'> {
  return {
    tool: 'update_order',
    kind: 'order_update',
    intent: { orderId, patch: { email } },
    args: { order_id: orderId, changes: { email } },
    store,
    dryRun: false,
    ...change,
  };
}

export function moveRequest(
  { store }: Pick<Shop, 'store'>,
  orderIds: readonly string[],
  folderId: number,
  change: Asked<'orders_move'> = {},
): ChangeRequest<'orders_move'> {
  return {
    tool: 'move_orders',
    kind: 'orders_move',
    intent: { orderIds, folderId: String(folderId) },
    args: { order_ids: orderIds, folder: String(folderId) },
    store,
    dryRun: false,
    ...change,
  };
}
