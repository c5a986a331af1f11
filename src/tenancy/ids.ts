/** Branded identifiers. All are UUIDv7 made in the application, but `Kid`, the public part of an API key. */
export type TenantId = string & { readonly __brand: 'TenantId' };
export type KeyId = string & { readonly __brand: 'KeyId' };
export type StoreRowId = string & { readonly __brand: 'StoreRowId' };
export type Kid = string & { readonly __brand: 'Kid' };

/** `size` random bytes from a cryptographic source. */
export type RandomBytes = (size: number) => Uint8Array;

/** Milliseconds since 1970-01-01 UTC. */
export type Clock = () => number;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const KID = /^[0-9A-Za-z]{10}$/;

/** A UUIDv7 (RFC 9562): 48 bits of time in milliseconds, 74 random bits. Ids made later sort later, to the millisecond. */
export function newId(clock: Clock, random: RandomBytes): string {
  const bytes = Buffer.from(random(16));
  bytes.writeUIntBE(clock(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Whether the text has the shape of an id of ours: a UUID in lower case. */
export const isUuid = (text: string): boolean => UUID.test(text);

/** @throws Error for anything but a UUID in lower case */
export const toTenantId = (text: string): TenantId => uuid(text) as TenantId;
/** @throws Error for anything but a UUID in lower case */
export const toKeyId = (text: string): KeyId => uuid(text) as KeyId;
/** @throws Error for anything but a UUID in lower case */
export const toStoreRowId = (text: string): StoreRowId => uuid(text) as StoreRowId;

/** @throws Error for anything but 10 characters of base62 */
export function toKid(text: string): Kid {
  if (!KID.test(text)) throw new Error('not the public part of a key');
  return text as Kid;
}

function uuid(text: string): string {
  if (!UUID.test(text)) throw new Error('not an id');
  return text;
}
