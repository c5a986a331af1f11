/**
 * The texts of a masked order that are about goods and not about people, and name people all the same: an engraving, a
 * personal discount, an e-mail address in a link. What can be known as the customer's own is hidden; no rule finds the
 * name of somebody else.
 */
import type { AddressView, OrderView } from '../orderdesk/views.js';
import { plain } from './plain.js';

export const HIDDEN = '[masked]';

type Replace = (text: string) => string;

/** @param mail what stands in the place of an e-mail address */
export function maskTexts(view: OrderView, mail: Replace): OrderView {
  const people = peopleOf(view);
  const free: Replace = (text) => (people.isNamedIn(text) ? HIDDEN : withoutMails(text, mail));
  const goods: Replace = (text) => (people.isNamedInFullIn(text) ? HIDDEN : withoutMails(text, mail));
  const orNull = (replace: Replace, text: string | null): string | null =>
    text === null ? null : replace(text);
  return {
    ...view,
    sourceId: orNull(goods, view.sourceId),
    sourceName: orNull(goods, view.sourceName),
    shippingMethod: orNull(goods, view.shippingMethod),
    paymentType: orNull(goods, view.paymentType),
    tag: orNull(free, view.tag),
    discounts: view.discounts.map(({ name, code, amount }) => ({
      name: free(name),
      code: orNull(free, code),
      amount,
    })),
    items: view.items.map((item) => ({
      ...item,
      name: goods(item.name),
      code: orNull(goods, item.code),
      variations: Object.fromEntries(
        Object.entries(item.variations).map(([key, value]) => [goods(key), free(value)]),
      ),
    })),
    shipments: view.shipments.map((shipment) => ({
      ...shipment,
      trackingNumber: orNull(goods, shipment.trackingNumber),
      method: orNull(goods, shipment.method),
      status: orNull(goods, shipment.status),
      trackingUrl: orNull(
        (url) => (goods(readable(url)) === readable(url) ? url : HIDDEN),
        shipment.trackingUrl,
      ),
    })),
  };
}

const MAIL = /[^\s<>()[\]{}"',;:/?&=]+@[^\s<>()[\]{}"',;:/?&=@]+/gu;

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

const WORD = /[\p{L}\p{M}]+/gu;
/** Shorter words are parts of too many others. */
const SHORTEST_NAME = 3;
const SHORTEST_PHONE = 6;

const wordsOf = (text: string): string[] => plain(text).match(WORD) ?? [];
const digitsOf = (text: string): string => text.replaceAll(/\D/g, '');

/** How to know the people of an order in other texts of it. */
function peopleOf({ shipping, customer }: OrderView) {
  const both: readonly AddressView[] = [shipping, customer];
  const fullNames = both.map(({ firstName, lastName }) => wordsOf(`${firstName ?? ''} ${lastName ?? ''}`));
  const names = new Set(fullNames.flat().filter((word) => word.length >= SHORTEST_NAME));
  const phrases = both
    .flatMap(({ company, lines }) => [company ?? '', ...lines])
    .map(plain)
    .filter((phrase) => phrase.length >= SHORTEST_PHONE);
  const phones = both
    .map(({ phone }) => digitsOf(phone ?? ''))
    .filter((phone) => phone.length >= SHORTEST_PHONE);

  function isNamedInFullIn(text: string): boolean {
    const words = new Set(wordsOf(text));
    const [compared, digits] = [plain(text), digitsOf(text)];
    return (
      fullNames.some((name) => name.length > 1 && name.every((word) => words.has(word))) ||
      phrases.some((phrase) => compared.includes(phrase)) ||
      phones.some((phone) => digits.includes(phone))
    );
  }
  return {
    /** By all of a name, a company, a street or a phone number. */
    isNamedInFullIn,
    /** By a part of a name as well. */
    isNamedIn: (text: string): boolean =>
      wordsOf(text).some((word) => names.has(word)) || isNamedInFullIn(text),
  };
}
