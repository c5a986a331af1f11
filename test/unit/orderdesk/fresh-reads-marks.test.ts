import { describe, expect, it } from 'vitest';
import { parseOrder } from '../../../src/orderdesk/parse/order.js';
import { MARK } from '../../../src/orders/merge/caps.js';
import { itemRecord, orderRecord } from './records.js';

const CHANGE = '0198c2f4-8a51-7b3e-9c11-5d2f7a90e6b4';

describe('the marks of this server', () => {
  it('are left out of what is shown, and stay in the record', () => {
    const raw = orderRecord({
      order_metadata: { shop_id: 7, [MARK]: CHANGE },
      order_items: [
        itemRecord({ metadata: { [MARK]: CHANGE } }),
        itemRecord({ id: '2', metadata: { image: 'a' } }),
      ],
    });
    const { view, raw: kept } = parseOrder(raw, 'order');
    expect(view.metadata).toEqual({ shop_id: 7 });
    expect(view.items.map(({ metadata }) => metadata)).toEqual([{}, { image: 'a' }]);
    expect(kept).toBe(raw);
    expect(kept.order_metadata).toHaveProperty(MARK, CHANGE);
  });

  it.each([
    [`orderdesk-mcp ${CHANGE}`, 'orderdesk-mcp'],
    [`orderdesk-mcp ${CHANGE.toUpperCase()}`, 'orderdesk-mcp'],
    ['orderdesk-mcp', 'orderdesk-mcp'],
    ['orderdesk-mcp version 2', 'orderdesk-mcp version 2'],
    [`not orderdesk-mcp ${CHANGE}`, `not orderdesk-mcp ${CHANGE}`],
    ['API', 'API'],
    ['', null],
  ])('a note of the history by %j is shown as by %j', (source, by) => {
    const order_history = [{ source_name: source, note: 'Called', date_added: '2026-01-09 23:12:05' }];
    const { view } = parseOrder(orderRecord({ order_history }), 'order');
    expect(view.history).toEqual([{ at: '2026-01-09T23:12:05Z', by, text: 'Called' }]);
  });
});
