/**
 * The texts of a masked order that are about goods and not about people, and name people all the same: an engraving, a
 * personal discount, an e-mail address in a link. What can be known as the customer's own is hidden; no rule finds the
 * name of somebody else.
 */
import type { AddressView, OrderView } from '../orderdesk/views.js';
import { peopleOf } from './people.js';

export const HIDDEN = '[masked]';

type Replace = (text: string) => string;

/** What stands in the place of what is hidden. */
export interface InPlaceOf {
  readonly mail: Replace;
  /** Of an item: another for another code, since shipments name their items by it. */
  readonly code: Replace;
  /** Of any other text. */
  readonly hidden: string;
}

/** Names, companies, streets and phones are left as they are: they are masked field by field. */
export function maskTexts(view: OrderView, { mail, code, hidden }: InPlaceOf): OrderView {
  const people = peopleOf(view);
  const unless =
    (isHidden: (text: string) => boolean, instead: Replace): Replace =>
    (text) =>
      isHidden(text) ? instead(text) : withoutMails(text, mail);
  const free = unless(people.areNamedIn, () => hidden);
  const goods = unless(people.areNamedInFullIn, () => hidden);
  const codes = unless(people.areNamedInFullIn, code);
  const place = unless(people.areNamedBeside, () => hidden);
  const link: Replace = (url) => (goods(readable(url)) === readable(url) ? url : hidden);
  const address = (each: AddressView): AddressView => ({
    ...each,
    city: orNull(place, each.city),
    state: orNull(place, each.state),
    postalCode: orNull(place, each.postalCode),
    country: orNull(place, each.country),
  });
  return {
    ...view,
    sourceId: orNull(goods, view.sourceId),
    sourceName: orNull(goods, view.sourceName),
    customerId: orNull(goods, view.customerId),
    shippingMethod: orNull(goods, view.shippingMethod),
    paymentType: orNull(goods, view.paymentType),
    paymentStatus: orNull(goods, view.paymentStatus),
    tag: orNull(free, view.tag),
    fulfillment: { name: orNull(goods, view.fulfillment.name), id: orNull(goods, view.fulfillment.id) },
    shipping: address(view.shipping),
    customer: address(view.customer),
    discounts: view.discounts.map(({ name, code, amount }) => ({
      name: free(name),
      code: orNull(free, code),
      amount,
    })),
    items: view.items.map((item) => ({
      ...item,
      name: goods(item.name),
      code: orNull(codes, item.code),
      weight: orNull(goods, item.weight),
      deliveryType: orNull(goods, item.deliveryType),
      category: orNull(goods, item.category),
      fulfillmentMethod: orNull(goods, item.fulfillmentMethod),
      variations: Object.fromEntries(
        Object.entries(item.variations).map(([key, value]) => [goods(key), free(value)]),
      ),
    })),
    shipments: view.shipments.map((shipment) => ({
      ...shipment,
      trackingNumber: orNull(goods, shipment.trackingNumber),
      carrier: orNull(goods, shipment.carrier),
      method: orNull(goods, shipment.method),
      weight: orNull(goods, shipment.weight),
      cost: orNull(goods, shipment.cost),
      status: orNull(goods, shipment.status),
      trackingUrl: orNull(link, shipment.trackingUrl),
      items: shipment.items.map((line) => ({ ...line, code: orNull(codes, line.code) })),
    })),
  };
}

const orNull = (replace: Replace, text: string | null): string | null =>
  text === null ? null : replace(text);

/**
 * Begins where a word does: sought at every letter, an address would take a long text the square of its length. Ends
 * before the marks that end a sentence.
 */
const MAIL = /(?<![^\s<>()[\]{}"',;:/?&=])[^\s<>()[\]{}"',;:/?&=]+@[^\s<>()[\]{}"',;:/?&=@]+(?<![.!])/gu;

export const withoutMails = (text: string, mail: Replace): string =>
  text.includes('@') ? text.replace(MAIL, mail) : text;

/** A link as it reads without its escapes. */
function readable(url: string): string {
  try {
    return decodeURIComponent(url.replaceAll('+', ' '));
  } catch (error) {
    if (error instanceof URIError) return url.replaceAll(/%40/g, '@');
    throw error;
  }
}
