/** Adding to an order's history. */
import { member, rawMember } from '../envelope.js';
import type { Handler } from '../handler.js';
import { withOrder } from '../lookup.js';
import { HISTORY_CAP } from '../records.js';
import { objectBody, text } from './json.js';
import { cutNote, invalid } from './refusals.js';

export const addHistoryEntry: Handler = (context, ids, _query, body) =>
  withOrder(context, ids, (order) => {
    const { records, renderer, switches } = context;
    const source = objectBody(body);
    const note = text(source?.note);
    if (note === '') return invalid(switches, 'A note is required');
    const writer = text(source?.source_name) || 'API';
    const added = records.addHistory(order.id, writer, cutNote(note, writer));
    if (!added && switches.historyCap === 'refused') {
      return invalid(switches, `An order has at most ${HISTORY_CAP} history entries`);
    }
    const after = added && switches.historyDate === 'set' ? records.replaceOrder(order) : order;
    return {
      ok: true,
      aboutOrders: true,
      members: [
        member('total_records', 1),
        rawMember('order', renderer.withHistory(after, records.history(order.id))),
      ],
    };
  });
