/** Figures of the product as it is built, for the words of the page. */

// The build may not be there when types are checked, hence addresses instead of plain imports.
/** @param {string} module */
const built = (module) => import(new URL(`../../dist/tools/${module}`, import.meta.url).href);

const { DEFAULT_DAYS, MAX_DAYS } = await built('exception-range.js');
const exceptions = await built('find-exceptions.js');
const { MAX_REQUESTS } = await built('exception-stock.js');
const summaries = await built('store-summary.js');

/** @type {import('./find-exceptions.mjs').Figures} */
export const FIGURES = {
  defaultDays: DEFAULT_DAYS,
  mostDays: MAX_DAYS,
  mostOrders: exceptions.MAX_ORDERS,
  inventoryRequests: MAX_REQUESTS,
  summaryDays: summaries.SUMMARY_DAYS,
  summaryOrders: summaries.MAX_ORDERS,
  summaryGroups: summaries.MAX_GROUPS,
};
