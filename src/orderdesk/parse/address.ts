import type { AddressView } from '../views.js';
import { below, type JsonRecord, malformed, map, text } from './json.js';

const LINES = ['address1', 'address2', 'address3', 'address4'] as const;

/** The address under `key`; all fields null where there is none. */
export function parseAddress(source: JsonRecord, key: string, parentAt: string): AddressView {
  const address = map(source, key, parentAt);
  if (Array.isArray(source[key]) && source[key].length > 0) throw malformed(parentAt, key, 'an address');
  const at = below(parentAt, key);
  return {
    firstName: text(address, 'first_name', at),
    lastName: text(address, 'last_name', at),
    company: text(address, 'company', at),
    lines: LINES.map((line) => text(address, line, at)).filter((line) => line !== null),
    city: text(address, 'city', at),
    state: text(address, 'state', at),
    postalCode: text(address, 'postal_code', at),
    country: text(address, 'country', at),
    phone: text(address, 'phone', at),
  };
}
