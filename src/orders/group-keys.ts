/** Under which group an order counts. Texts are taken as they were written: `US` and `United States` are two groups. */
import type { AddressView, OrderView } from '../orderdesk/views.js';
import { fingerprint } from './canonical.js';
import type { Zone } from './dates.js';
import { clip } from './text.js';

export const PERIODS = ['day', 'week', 'month'] as const;
export type Period = (typeof PERIODS)[number];

export const ORDER_GROUPINGS = [
  ...PERIODS,
  'source',
  'folder',
  'country',
  'state',
  'payment_status',
  'shipping_method',
] as const;
export type OrderGrouping = (typeof ORDER_GROUPINGS)[number];

export interface GroupKey {
  /** Equal for the same group, of bounded length. */
  readonly id: string;
  /** What the answer shows; `null` for orders that have no such value. */
  readonly label: string | null;
}

export interface KeyContext {
  /** Of the store: its days are those of its own calendar. */
  readonly zone: Zone;
  /** The name of a folder id; `null` for one the store no longer has. */
  readonly folderName: (id: string) => string | null;
}

const KEYS: { readonly [G in OrderGrouping]: (order: OrderView, context: KeyContext) => GroupKey } = {
  day: (order, { zone }) => plainKey(dayOf(localTime(order, zone))),
  week: (order, { zone }) => plainKey(isoWeekOf(localTime(order, zone))),
  month: (order, { zone }) => plainKey(dayOf(localTime(order, zone)).slice(0, 7)),
  source: (order) => textKey(order.sourceName),
  folder: (order, { folderName }) => folderKey(order.folderId, folderName),
  country: (order) => textKey(order.shipping.country ?? order.customer.country),
  state: ({ shipping, customer }) => stateKey(shipping.state === null ? customer : shipping),
  payment_status: (order) => textKey(order.paymentStatus),
  shipping_method: (order) => textKey(order.shippingMethod),
};

export const groupKey = (order: OrderView, grouping: OrderGrouping, context: KeyContext): GroupKey =>
  KEYS[grouping](order, context);

export const isPeriod = (grouping: string): grouping is Period => PERIODS.some((each) => each === grouping);

const NONE: GroupKey = { id: '-', label: null };

/** Characters of JSON that a key may show. */
const SHOWN = 100;

/** A text too long to be shown whole still stands for itself alone. */
export function textKey(text: string | null): GroupKey {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return NONE;
  const label = clip(trimmed, SHOWN);
  return { id: `=${label === trimmed ? trimmed : fingerprint(trimmed)}`, label };
}

const plainKey = (text: string): GroupKey => ({ id: `=${text}`, label: text });

/** Folders are told apart by their ids: two may have one name. */
function folderKey(id: string | null, folderName: KeyContext['folderName']): GroupKey {
  if (id === null) return NONE;
  return { id: `=${id}`, label: clip(folderName(id) ?? id, SHOWN) };
}

/** With its country: WA is a state of two. */
function stateKey({ state, country }: AddressView): GroupKey {
  return state === null || country === null ? textKey(state) : textKey(`${state.trim()}, ${country.trim()}`);
}

/** A date whose UTC parts are what clocks of the zone showed. */
function localTime({ addedAt }: OrderView, zone: Zone): Date {
  const instant = Date.parse(addedAt);
  return new Date(instant + zone.offsetAt(instant));
}

const dayOf = (local: Date): string => local.toISOString().slice(0, 10);

const DAY = 86_400_000;

/** ISO 8601: weeks begin on Monday, and belong to the year that their Thursday is in. */
function isoWeekOf(local: Date): string {
  const midnight = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate());
  const daysSinceMonday = (local.getUTCDay() + 6) % 7;
  const thursday = new Date(midnight + (3 - daysSinceMonday) * DAY);
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY)) + 1;
  return `${year}-W${String(week).padStart(2, '0')}`;
}
