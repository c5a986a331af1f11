/**
 * Fields of changes without the people in them, as `mask.ts` masks orders: the same pseudonym for the same value. A change
 * shows a few fields of an order only, so the people of the order may not be known; texts that may name them are hidden then.
 */
import type { FieldChange, FieldPath, Target } from '../changes/port.js';
import type { AddressView } from '../orderdesk/views.js';
import type { MaskedKind } from './mask.js';
import { INVENTORY_RULES, type LeafRule, ORDER_RULES, type Rule } from './mask-change-rules.js';
import { HIDDEN, withoutMails } from './mask-texts.js';
import { asList, isMap, own, type Raw } from './merge/raw.js';
import { type People, peopleOf } from './people.js';

type Pseudonym = (kind: MaskedKind, value: string) => string;

/** @param pseudonym as for `maskView` */
export function maskFields(
  fields: readonly FieldChange[],
  pseudonym: Pseudonym,
  kind: Target['kind'] = 'order',
): readonly FieldChange[] {
  const mask = masking(pseudonym, kind === 'order' ? knownPeople(fields) : undefined);
  const rules = kind === 'order' ? ORDER_RULES : INVENTORY_RULES;
  return fields.map(({ path, ...sides }) => {
    const rule = ruleAt(rules, path);
    return {
      path: path.map((step) => mask.key(step)),
      ...(sides.before === undefined ? {} : { before: mask.value(rule, sides.before) }),
      ...(sides.after === undefined ? {} : { after: mask.value(rule, sides.after) }),
    };
  });
}

function ruleAt(rules: Rule, path: FieldPath): Rule {
  let rule = rules;
  for (const step of path) {
    if (typeof rule === 'string') return 'hidden';
    if ('entries' in rule) rule = isEntry(step) ? rule.entries : 'hidden';
    else rule = Object.hasOwn(rule.members, step) ? (rule.members[step] ?? rule.others) : rule.others;
  }
  return rule;
}

const isEntry = (step: string): boolean => step.startsWith('#') || step.startsWith('+');

const FACT = /^[-+\d.: TZ]{1,30}$/;
/** Ids, SKUs and tracking numbers; anything else in such a field may be a text. */
const CODE = /^(?=.*\d)[\w./-]{1,64}$/;

const isBlank = (value: unknown): boolean =>
  value === null ||
  value === '' ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

interface Masking {
  key(step: string): string;
  value(rule: Rule, value: unknown): unknown;
}

function masking(pseudonym: Pseudonym, people: KnownPeople | undefined): Masking {
  const named = (kind: MaskedKind, text: string) => pseudonym(kind, text.trim().toLowerCase());
  const mail = (text: string) => named('mail', text);
  const unless = (isHidden: boolean | undefined, text: string, instead = HIDDEN) =>
    isHidden === true ? instead : withoutMails(text, mail);
  const leaves: Readonly<Record<LeafRule, (text: string) => string>> = {
    hidden: () => HIDDEN,
    person: () => HIDDEN,
    name: (text) => named('name', text),
    company: (text) => named('company', text),
    street: (text) => named('street', text),
    phone: (text) => named('phone', text),
    mail,
    customer: (text) => (text.includes('@') ? mail(text) : FACT.test(text) ? text : HIDDEN),
    place: (text) => unless(people?.areNamedBeside(text), text),
    words: (text) => unless(people?.areNamedInFullIn(text), text),
    goods: (text) => unless(people === undefined || !people.areAll || people.areNamedInFullIn(text), text),
    free: (text) => unless(people === undefined || !people.areAll || people.areNamedIn(text), text),
    code: (text) => {
      const instead = named('code', text);
      return CODE.test(text) ? unless(people?.areNamedInFullIn(text), text, instead) : instead;
    },
    link: () => HIDDEN,
    fact: (text) => (FACT.test(text) ? text : HIDDEN),
  };
  const leaf = (rule: LeafRule, value: unknown): unknown => {
    if (typeof value === 'string') return leaves[rule](value);
    if (typeof value !== 'number' && typeof value !== 'boolean') return HIDDEN;
    return rule === 'fact' ? value : leaves[rule](String(value));
  };
  const key = (step: string) => withoutMails(step, mail);
  const value = (rule: Rule, it: unknown): unknown => {
    if (isBlank(it)) return it;
    if (typeof rule === 'string') return leaf(rule, it);
    if ('entries' in rule) return asList(it)?.map((entry) => value(rule.entries, entry)) ?? HIDDEN;
    if (!isMap(it)) return HIDDEN;
    const members = Object.entries(it).map(([name, member]): [string, unknown] => [
      key(name),
      value(Object.hasOwn(rule.members, name) ? (rule.members[name] ?? rule.others) : rule.others, member),
    ]);
    const masked = Object.fromEntries(members);
    return rule.isAddress === true ? { ...masked, ...wholeName(it, named) } : masked;
  };
  return { key, value };
}

/** One pseudonym for the whole name, as in a masked order. */
function wholeName(address: Raw, named: (kind: MaskedKind, text: string) => string): Raw {
  const parts = ['first_name', 'last_name']
    .map((part) => own(address, part))
    .filter((part) => typeof part === 'string' && part !== '');
  return parts.length === 0 ? {} : { first_name: '', last_name: named('name', parts.join(' ')) };
}

interface KnownPeople extends People {
  /** Both addresses are there: nobody else is known to the order. */
  readonly areAll: boolean;
}

/** Those whom the fields themselves name. */
function knownPeople(fields: readonly FieldChange[]): KnownPeople {
  const sides = (['before', 'after'] as const).map((side) => ({
    shipping: addressOf(fields, 'shipping', side),
    customer: addressOf(fields, 'customer', side),
  }));
  const all = sides.map(peopleOf);
  const isWhole = (name: string) => fields.some(({ path }) => path.length === 1 && path[0] === name);
  return {
    areAll: isWhole('shipping') && isWhole('customer'),
    areNamedInFullIn: (text) => all.some((people) => people.areNamedInFullIn(text)),
    areNamedIn: (text) => all.some((people) => people.areNamedIn(text)),
    areNamedBeside: (place) => all.some((people) => people.areNamedBeside(place)),
  };
}

function addressOf(fields: readonly FieldChange[], name: string, side: 'before' | 'after'): AddressView {
  const parts = fields
    .filter(({ path }) => path[0] === name)
    .flatMap(({ path, [side]: value }): [string, unknown][] => {
      if (path.length === 1) return isMap(value) ? Object.entries(value) : [];
      return [[path[1] ?? '', value]];
    });
  const address = Object.fromEntries(parts);
  const part = (key: string): string | null => {
    const value = own(address, key);
    return (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : null;
  };
  return {
    firstName: part('first_name'),
    lastName: part('last_name'),
    company: part('company'),
    lines: ['address1', 'address2', 'address3', 'address4'].flatMap((line) => part(line) ?? []),
    city: part('city'),
    state: part('state'),
    postalCode: part('postal_code'),
    country: part('country'),
    phone: part('phone'),
  };
}
