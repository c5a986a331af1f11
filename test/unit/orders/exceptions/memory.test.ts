import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { CHECKS } from '../../../../src/orders/exceptions/check.js';
import { ExceptionReport } from '../../../../src/orders/exceptions/report.js';
import { anAddress, anItem } from '../../tools/support/orders.js';
import { aSubject, THREE_DAYS } from './support/subjects.js';

function lookAt(report: ExceptionReport, index: number): WeakRef<object>[] {
  const subject = aSubject({
    id: String(index),
    shipping: anAddress({ city: null }),
    items: [anItem({ code: `MUG-${index}` })],
  });
  const { id, sourceId, sourceName, folderId, addedAt } = subject.view;
  report.look(subject, { id, sourceId, sourceName, folderId, addedAt }, subject.view.items);
  return [subject, subject.view, subject.view.shipping, ...subject.view.items].map(
    (part) => new WeakRef(part),
  );
}

it('a report keeps no order that it looked at, whatever was wrong with it', async () => {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('no garbage collector to call');
  const report = new ExceptionReport(new Set(CHECKS), THREE_DAYS);
  const parts = Array.from({ length: 200 }, (_, index) => lookAt(report, index + 1)).flat();
  // A weak reference is kept until the turn that made it has ended.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  expect(parts.filter((part) => part.deref() !== undefined)).toHaveLength(0);
  expect(report.findings({ byCode: new Map(), followsSales: null })).toHaveLength(200);
});
