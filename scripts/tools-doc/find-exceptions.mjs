/** What the checks of find_exceptions report and leave out, and how much one call reads. */

/**
 * @typedef {object} Figures
 * @property {number} defaultDays that find_exceptions looks back
 * @property {number} mostDays the same at most
 * @property {number} mostOrders that find_exceptions reads
 * @property {number} inventoryRequests that it makes for the stock
 * @property {number} summaryDays that the range of a summary may have
 * @property {number} summaryOrders that it reads
 * @property {number} summaryGroups of all stores of a call
 */

/** The key of a week, as an example. */
export const A_WEEK = '2026-W47';

const WAITED = '`older_than_days` since it was added';
const ANY_AGE = 'none, at any age';

/** By check: what it reports, from when on, and what it leaves out. @param {Figures} figures */
const checks = ({ inventoryRequests }) => ({
  unshipped_too_long: [
    'Goods that no shipment holds, of an order whose payment is taken (`Approved`, `Captured`, `Partially Refunded`) or promised (`Authorized`: many shops capture on shipment; the rule says "not captured yet"), that has nothing to pay, or whose payment status is missing or unknown.',
    WAITED,
    'Closed and canceled folders. `Pending`: `payment_not_captured` reports these, and where that check is not made, a remark says how many wait so. `Rejected`, `Voided`, refunded in full. Orders that have only goods of delivery type `future` left.',
  ],
  odd_address: [
    'A shipping address, while goods are to be sent, without name and company, street, city or country; without postal code in one of 17 countries where every address has one; with a code of an impossible shape in the US, Canada or Great Britain; a post office box with a method of UPS, FedEx or DHL.',
    ANY_AGE,
    'Closed and canceled folders. What the customer picks up. Refunded in full. A missing city where the country is one, such as Singapore. Odd codes of other countries.',
  ],
  payment_not_captured: [
    '`Pending` and `Authorized` for too long; `Rejected` and `Voided`. Closed folders count too; the rule says when the order was shipped already.',
    `${WAITED}; \`Rejected\` and \`Voided\` at any age`,
    'Canceled folders. A total of 0. Orders without payment status: Order Desk takes them for captured.',
  ],
  duplicate_source_id: [
    'Orders with the `source_id` and `source_name` of an earlier one among those read: a second import, a copy or a split. Case and spaces around make no difference.',
    '2 orders with one number, at any age',
    'Canceled folders. The first order of a number, which the rule names. Orders without a number.',
  ],
  item_without_stock: [
    'Goods that no shipment holds, whose code the inventory does not have, or with too little stock: below 0 where Order Desk takes orders off the stock when they come, or may do so; below what this order alone needs where it does not.',
    ANY_AGE,
    `Closed and canceled folders. Refunded in full. Delivery type \`future\`. Items without code. Codes whose stock is not known: the inventory gets at most ${inventoryRequests} requests, and \`not_done\` says what was not looked up.`,
  ],
  stuck_in_folder: [
    'Orders in an open folder that nothing has changed. Order Desk keeps no date of a move, so any change counts.',
    '`older_than_days` since the last change',
    'Closed and canceled folders.',
  ],
});

/** @param {Figures} figures @param {number} waitDays the default of `older_than_days` */
export const exceptionsSection = (figures, waitDays) => `## What find_exceptions looks for

| check | reports | threshold | leaves out |
| --- | --- | --- | --- |
${Object.entries(checks(figures))
  .map(([check, cells]) => `| \`${check}\` | ${cells.join(' | ')} |`)
  .join('\n')}

\`older_than_days\` is ${waitDays} unless given; a day has 24 hours. Downloads and services (\`download\`, \`noship\`) are no goods. A folder that is
neither closed nor canceled is open. An order comes once, with all its \`reasons\`; \`limit\` and \`returned\` count orders, \`counts\` says how
many orders each check reports, \`orders\` how many there are in all. \`next\` is the call that shows more: the orders of the same number where a
duplicate is all that is wrong, else the order.

**How much one call reads.** \`find_exceptions\` looks at the orders added in the last ${figures.defaultDays} days, or since \`added_from\`, at most ${figures.mostDays} days
back, oldest first, and stops after ${count(figures.mostOrders)}. \`summarize_orders\` takes a range of at most ${figures.summaryDays} days and stops after ${count(figures.summaryOrders)} orders, latest
first. It holds ${count(figures.summaryGroups)} groups, shared evenly by the stores of a call; what comes beyond them is summed in \`other\`. The key of a week is that of
ISO 8601, such as \`${A_WEEK}\`. Either may stop before for want of time; then \`complete\` is false, and \`coverage\` says which dates were read.`;

/** @param {number} value */
const count = (value) => value.toLocaleString('en');
