/** Whom an address stands for: one IPv4 address, or the /64 network that an IPv6 customer is given at least. */
import { isIP } from 'node:net';

/** Addresses that are none, from a proxy that forwards something else, are counted together. */
const UNKNOWN = 'unknown';

/** @returns `192.0.2.7`, `2001:db8:0:1::/64`, or `unknown` for what is no IP address */
export function networkOf(address: string): string {
  const [plain = ''] = address.split('%');
  if (isIP(plain) === 4) return plain;
  if (isIP(plain) !== 6) return UNKNOWN;
  const groups = groupsOf(plain.toLowerCase());
  return mappedIPv4(groups) ?? `${groups.slice(0, 4).map(hex).join(':')}::/64`;
}

const hex = (group: number): string => group.toString(16);

/** The eight 16-bit groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const before = readGroups(head);
  const after = readGroups(tail ?? '');
  const skipped = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array.from({ length: skipped }, () => 0), ...after];
}

const readGroups = (text: string): number[] =>
  text === ''
    ? []
    : text.split(':').flatMap((part) => (part.includes('.') ? pairs(part) : [Number.parseInt(part, 16)]));

function pairs(ipv4: string): number[] {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}

/** `::ffff:192.0.2.7` is how a socket for both families shows an IPv4 client. */
function mappedIPv4(groups: readonly number[]): string | undefined {
  const [, , , , , marker = 0, high = 0, low = 0] = groups;
  if (marker !== 0xffff || groups.slice(0, 5).some((group) => group !== 0)) return undefined;
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
