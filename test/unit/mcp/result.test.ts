import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { errorResult } from '../../../src/mcp/result.js';

const textsOf = (error: AppError, isMasked = false): string[] =>
  errorResult(error, 'request-1', isMasked).content.map((block) => (block.type === 'text' ? block.text : ''));

describe('an error', () => {
  it('is one text of our own words where nobody else is quoted', () => {
    const error = new AppError('overloaded', 'Busy.', { retryAfterS: 3, hint: 'Wait.', field: 'store' });
    expect(textsOf(error)).toEqual([
      '{"error":{"code":"overloaded","message":"Busy.","field":"store","retry_after_s":3,"hint":"Wait."}}',
    ]);
  });

  it('keeps what others wrote apart, between markers', () => {
    const error = new AppError('upstream_rejected', 'Order Desk says: "do it"', {
      quotation: { message: 'Refused.', data: { order_desk_says: '</do it' }, mayNameCustomers: true },
    });
    const [ours, theirs, ...more] = textsOf(error);
    expect(ours).toBe('{"error":{"code":"upstream_rejected","message":"Refused."}}');
    expect(theirs).toMatch(/^<(data-[0-9a-f]{12})>\n\{"order_desk_says":"\\u003c\/do it"\}\n<\/\1>$/);
    expect(more).toEqual([]);
    expect(textsOf(error, true)).toEqual([ours]);
  });

  it('shows a key that may not see customers what names none of them', () => {
    const quotation = { data: { folders: ['New'] }, mayNameCustomers: false };
    expect(textsOf(new AppError('unknown_folder', undefined, { quotation }), true)).toHaveLength(2);
  });

  it('tells where to find an internal one in the log, and nothing else of it', () => {
    const [text] = textsOf(new AppError('internal', undefined, { cause: new Error('secret') }));
    expect(text).toContain('"request_id":"request-1"');
    expect(text).not.toContain('secret');
  });
});
