/** Moving orders to another folder, with all that follows from it. */
import { type Failure, failure, member } from '../envelope.js';
import type { Handler, HandlerContext } from '../handler.js';
import type { FolderRecord, OrderRecord } from '../types.js';
import { type JsonObject, objectBody, text } from './json.js';
import { invalid, partly, tooMany } from './refusals.js';

interface Line {
  readonly order_id: number;
  readonly message: string;
  readonly original_folder_id?: number;
}

export const moveOrders: Handler = (context, _ids, _query, body) => {
  const { records, switches } = context;
  const source = objectBody(body);
  const ids = source?.order_id_list;
  if (source === undefined || !Array.isArray(ids) || ids.length === 0) {
    return invalid(switches, 'An order_id_list is required');
  }
  if (tooMany(switches.moveMaximum, ids)) return invalid(switches, 'Too many orders');
  const folder = destination(context, source);
  if ('ok' in folder) return folder;
  const found = ids.map((id) => ({ id: Number(id), order: records.order(text(id)) }));
  if (switches.moveUnknownOrder === 'refused' && found.some(({ order }) => order === undefined)) {
    return failure(switches.unknownId, 'Order Not Found');
  }

  let moved = 0;
  const results = found.flatMap(({ id, order }): Line[] => {
    if (order === undefined) {
      return switches.moveUnknownOrder === 'told' ? [{ order_id: id, message: 'Order Not Found' }] : [];
    }
    const original = { order_id: id, original_folder_id: order.folder_id };
    if (order.folder_id === folder.id && switches.moveToSameFolder === 'unchanged') {
      return [{ ...original, message: `Order Already in ${folder.name} Folder` }];
    }
    move(context, order, folder);
    moved += 1;
    return [{ ...original, message: `Order Moved to ${folder.name} Folder` }];
  });
  return {
    ok: true,
    ...partly(switches, found.filter(({ order }) => order === undefined).length),
    message: `${moved} Orders Moved`,
    members: [member('results', results)],
  };
};

/** Writes into the order's history where it went. */
export function noteMove({ records }: HandlerContext, orderId: string, folderId: number): void {
  const name = records.folders().find(({ id }) => id === folderId)?.name ?? '';
  records.addHistory(orderId, 'API', `Order Moved to ${name} Folder`);
}

function move(context: HandlerContext, order: OrderRecord, folder: FolderRecord): void {
  context.records.replaceOrder({ ...order, folder_id: folder.id });
  noteMove(context, order.id, folder.id);
  context.fireRules('folder_changed', order.id);
}

function destination({ records, switches }: HandlerContext, source: JsonObject): FolderRecord | Failure {
  const id = text(source.destination_folder_id);
  const name = text(source.destination_folder_name);
  if ((id === '') === (name === '')) {
    return invalid(switches, 'Either destination_folder_id or destination_folder_name is required');
  }
  const folder = records
    .folders()
    .find((candidate) => (id === '' ? candidate.name === name : String(candidate.id) === id));
  return folder ?? failure(switches.unknownFolder, 'Folder Not Found');
}
