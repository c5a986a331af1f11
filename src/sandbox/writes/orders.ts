/**
 * Making, replacing and deleting orders.
 *
 * What holds for all writing endpoints here: a body is read leniently into a whole record, blank where nothing was
 * sent and with the fields that nobody knows; what is uncertain of Order Desk asks a switch; and records change by
 * `records.ts` alone, once nothing is left that could refuse the request.
 */
import { formatUtc } from '../dates.js';
import { failure, rawMember, type Success } from '../envelope.js';
import type { Handler, HandlerContext } from '../handler.js';
import { withOrder } from '../lookup.js';
import type { CustomerAddress, OrderRecord, ShippingAddress } from '../types.js';
import { isObject, type JsonObject, objectBody } from './json.js';
import { noteMove } from './moves.js';
import { readOrder } from './order-fields.js';
import { invalid } from './refusals.js';
import { replacedItems } from './replaced-items.js';
import { dateOf, folderOf, maskedCard, problemsOf, ready, withoutUnsettable } from './save-order.js';

export const createOrder: Handler = (context, _ids, _query, body) => {
  const { records, switches } = context;
  const source = objectBody(body);
  if (source === undefined) return invalid(switches, 'Invalid Request');
  const sent = withBothAddresses(readOrder(withoutUnsettable(source)), source);
  const [problem, ...others] = problemsOf(sent, switches);
  if (problem !== undefined) return invalid(switches, problem, ...others);
  const folder = folderOf(context, source, records.folders()[0]?.id ?? 0);
  if (!folder.ok) return folder;
  const twin = findDuplicate(context, sent);
  if (twin !== undefined) {
    return failure(switches.duplicateOrderStatus, `Duplicate Order: it is already there as order ${twin.id}`);
  }

  const id = records.nextOrderId();
  const now = formatUtc(context.now());
  const made = ready(
    context,
    {
      ...sent,
      id,
      source_id: sent.source_id || id,
      source_name: sent.source_name || 'Order Desk',
      payment_status: sent.payment_status || 'Captured',
      cc_number_masked: maskedCard(source) ?? '',
      email_count: '0',
      folder_id: folder.value,
      date_added: dateOf(sent.date_added) ?? now,
      date_updated: now,
      order_items: sent.order_items.map((item) => ({ ...item, id: records.newItemId() })),
    },
    source,
  );
  if (!made.ok) return made;
  const balance = source.processor_balance === undefined ? { processor_balance: made.value.order_total } : {};
  const order = records.insertOrder({ ...made.value, ...balance });
  if (switches.createdOrderRules === 'order_imported') context.fireRules('order_imported', id);
  return { ...orderAnswer(context, order), status: 201 };
};

/** Whatever is not sent becomes blank; what is read-only, the shipments and the history stay. */
export const replaceOrder: Handler = (context, ids, _query, body) =>
  withOrder(context, ids, (current) => {
    const { records, switches } = context;
    const source = objectBody(body);
    if (source === undefined) return invalid(switches, 'Invalid Request');
    const sent = readOrder(withoutUnsettable(source));
    const [problem, ...others] = switches.putValidation === 'strict' ? problemsOf(sent, switches) : [];
    if (problem !== undefined) return invalid(switches, problem, ...others);
    const folder = folderOf(context, source, current.folder_id);
    if (!folder.ok) return folder;

    const settableDate = switches.dateAddedOnPut === 'settable' ? dateOf(sent.date_added) : undefined;
    const next = ready(
      context,
      {
        ...sent,
        ...cardFields(context, source),
        id: current.id,
        source_id: switches.sourceIdOnPut === 'kept' ? current.source_id : sent.source_id,
        email_count: current.email_count,
        folder_id: folder.value,
        date_added: settableDate ?? current.date_added,
        order_items: replacedItems(context, current, sent, source),
        order_shipments: current.order_shipments,
      },
      source,
    );
    if (!next.ok) return next;
    const order = records.replaceOrder(next.value);
    if (order.folder_id !== current.folder_id) {
      noteMove(context, order.id, order.folder_id);
      if (switches.putFolderRules === 'fired') context.fireRules('folder_changed', order.id);
    }
    if (switches.editRules === 'fired') fireEdits(context, current, order);
    return orderAnswer(context, order);
  });

export const deleteOrder: Handler = (context, ids) =>
  withOrder(context, ids, ({ id }) => {
    context.records.removeOrder(id);
    return { ok: true, message: `Order ${id} Deleted`, members: [] };
  });

function orderAnswer({ renderer }: HandlerContext, order: OrderRecord): Success {
  return { ok: true, aboutOrders: true, members: [rawMember('order', renderer.order(order))] };
}

/** If only one address is given, the other is the same. */
function withBothAddresses(order: OrderRecord, source: JsonObject): OrderRecord {
  const ships = isGiven(source.shipping);
  const buys = isGiven(source.customer);
  if (ships === buys) return order;
  if (ships) return { ...order, customer: asCustomer(order.shipping) };
  return { ...order, shipping: { ...order.shipping, ...order.customer } };
}

function asCustomer({ address3: _third, address4: _fourth, ...address }: ShippingAddress): CustomerAddress {
  return address;
}

function isGiven(address: unknown): boolean {
  return isObject(address) && Object.values(address).some((value) => value !== '' && value !== null);
}

function findDuplicate({ records, switches }: HandlerContext, sent: OrderRecord): OrderRecord | undefined {
  if (switches.duplicateOrders === 'none' || sent.source_id === '') return undefined;
  const name = sent.source_name || 'Order Desk';
  return records
    .orders()
    .find(
      (order) =>
        order.source_id === sent.source_id &&
        (switches.duplicateOrders === 'source_id' || order.source_name === name),
    );
}

function cardFields({ switches }: HandlerContext, source: JsonObject) {
  const masked = maskedCard(source);
  if (masked !== undefined) return { cc_number_masked: masked };
  return switches.cardOnPut === 'kept' ? {} : { cc_number_masked: '', cc_exp: '' };
}

function fireEdits(context: HandlerContext, before: OrderRecord, after: OrderRecord): void {
  const addresses = ({ shipping, customer }: OrderRecord) => JSON.stringify([shipping, customer]);
  context.fireRules('order_details_changed', after.id);
  if (addresses(before) !== addresses(after)) context.fireRules('address_changed', after.id);
}
