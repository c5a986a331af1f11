/** Branded identifiers. All are UUIDv7 made in the application, but `Kid`, the public part of an API key. */
export type TenantId = string & { readonly __brand: 'TenantId' };
export type KeyId = string & { readonly __brand: 'KeyId' };
export type StoreRowId = string & { readonly __brand: 'StoreRowId' };
export type Kid = string & { readonly __brand: 'Kid' };
