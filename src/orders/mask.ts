/**
 * Orders without the people in them, for keys that may not see customers. What names or reaches a person becomes a
 * pseudonym, equal wherever the same value stands, so that customers can still be told apart; texts that anybody may
 * have written are hidden whole, since they may name people too. Places down to the postal code, goods and money stay.
 */
import type { AddressView, OrderView } from '../orderdesk/views.js';
import { HIDDEN, maskTexts, withoutMails } from './mask-texts.js';

export { HIDDEN };

export type MaskedKind = 'name' | 'company' | 'mail' | 'phone' | 'street' | 'code';

/** @param pseudonym the same text for the same kind and value, such as `mail-91bd02aa`; says nothing of the value */
export function maskView(view: OrderView, pseudonym: (kind: MaskedKind, value: string) => string): OrderView {
  /** Case and spaces around it do not make somebody else. */
  const mask = <V extends string | null>(kind: MaskedKind, value: V): V | string =>
    value === null ? value : pseudonym(kind, value.trim().toLowerCase());
  /** One pseudonym for the whole name: those of its parts would show who shares a name. */
  const maskName = ({ firstName, lastName }: AddressView): string | null => {
    const parts = [firstName, lastName].filter((part) => part !== null);
    return parts.length === 0 ? null : mask('name', parts.join(' '));
  };
  const maskMail = (text: string): string => mask('mail', text);
  const hideValues = (map: Readonly<Record<string, unknown>>): Record<string, string> =>
    Object.fromEntries(Object.keys(map).map((key) => [withoutMails(key, maskMail), HIDDEN]));
  const texts = maskTexts(view, { mail: maskMail, code: (code) => mask('code', code), hidden: HIDDEN });
  const maskAddress = (address: AddressView): AddressView => ({
    ...address,
    firstName: null,
    lastName: maskName(address),
    company: mask('company', address.company),
    lines: address.lines.map((line) => mask('street', line)),
    phone: mask('phone', address.phone),
  });
  return {
    ...texts,
    email: mask('mail', view.email),
    customerId: isMail(view.customerId) ? mask('mail', view.customerId) : texts.customerId,
    shipping: maskAddress(texts.shipping),
    customer: maskAddress(texts.customer),
    checkoutData: hideValues(view.checkoutData),
    metadata: hideValues(view.metadata),
    notes: view.notes.map(hideText),
    history: view.history.map(hideText),
    items: texts.items.map((item) => ({ ...item, metadata: hideValues(item.metadata) })),
  };
}

/** An order as if it had nothing of what is masked: for searching without a trace of it. */
export function unmaskedPart(view: OrderView): OrderView {
  const clear = (address: AddressView): AddressView => ({
    ...address,
    firstName: null,
    lastName: null,
    company: null,
    lines: [],
    phone: null,
  });
  const texts = maskTexts(view, { mail: () => '', code: () => '', hidden: '' });
  return {
    ...texts,
    email: null,
    customerId: isMail(view.customerId) ? null : texts.customerId,
    shipping: clear(texts.shipping),
    customer: clear(texts.customer),
    checkoutData: {},
    metadata: {},
    notes: [],
    history: [],
    items: texts.items.map((item) => ({ ...item, metadata: {} })),
  };
}

/** Some shops know their customers by e-mail address. */
const isMail = (id: string | null): boolean => id?.includes('@') === true;

const hideText = ({ at, by }: OrderView['notes'][number]) => ({
  at,
  by: by === null ? null : HIDDEN,
  text: HIDDEN,
});
