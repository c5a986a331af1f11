/** What `docs/TOOLS.md` says of the checks and of what one call reads, held to what the code does. */
import { expect, it } from 'vitest';
import { A_WEEK, exceptionsSection } from '../../../scripts/tools-doc/find-exceptions.mjs';
import { UTC } from '../../../src/orders/dates.js';
import { CHECKS } from '../../../src/orders/exceptions/check.js';
import { countryCode } from '../../../src/orders/exceptions/country.js';
import { postalCodeProblem } from '../../../src/orders/exceptions/postal-code.js';
import { groupKey } from '../../../src/orders/group-keys.js';
import { aView } from '../tools/support/orders.js';

const FIGURES = {
  defaultDays: 91,
  mostDays: 367,
  mostOrders: 10_001,
  inventoryRequests: 21,
  summaryDays: 368,
  summaryOrders: 50_001,
  summaryGroups: 10_002,
};
const section = exceptionsSection(FIGURES, 4);

it('has a row of four cells for each check, in their order', () => {
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  expect(rows.map((row) => row.split(' | ')[0])).toEqual(CHECKS.map((check) => `| \`${check}\``));
  for (const row of rows) expect(row.split(' | ')).toHaveLength(4);
});

it('says the figures it is given', () => {
  for (const said of [
    'last 91 days',
    'at most 367 days',
    'after 10,001.',
    'at most 21 requests',
    'at most 368 days',
    'after 50,001 orders',
    '10,002 groups',
    '`older_than_days` is 4 unless given',
  ]) {
    expect(section.replaceAll('\n', ' ')).toContain(said);
  }
});

it('shows a week as summaries name it', () => {
  const order = aView({ addedAt: '2026-11-18T12:00:00Z' });
  expect(groupKey(order, 'week', { zone: UTC, folderName: () => null }).label).toBe(A_WEEK);
});

it('says in how many countries a postal code is missed', () => {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const countries = letters.flatMap((first) => letters.map((second) => first + second));
  const missed = countries.filter(
    (country) => postalCodeProblem({ country, postalCode: null }) !== undefined,
  );
  // Some have two codes in use.
  expect(section).toContain(`one of ${new Set(missed.map(countryCode)).size} countries`);
});
