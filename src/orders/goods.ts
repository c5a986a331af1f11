/** Which items of an order have to be sent. */
import type { ItemView } from '../orderdesk/views.js';
import { plain } from './plain.js';

/** Delivery types of the Order Desk API; what is none of these is sent, and so is what has none. */
const NOT_SENT: ReadonlySet<string> = new Set(['noship', 'download']);
const LATER = 'future';

/** Neither a download nor a service. */
export const isGoods = ({ deliveryType }: Pick<ItemView, 'deliveryType'>): boolean =>
  !NOT_SENT.has(plain(deliveryType ?? ''));

/** Goods for a day to come. Order Desk has no field that says which, so nothing tells when they are late. */
export const isForLater = ({ deliveryType }: Pick<ItemView, 'deliveryType'>): boolean =>
  plain(deliveryType ?? '') === LATER;
