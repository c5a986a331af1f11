/** The kinds of value a variable can have: how each is written, and the zod schema that reads it. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { Secret } from '../tenancy/secret.js';

export interface Kind<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  /** The form as a noun phrase, for the documentation and for "is not …". */
  readonly form: string;
}

/** A kind read by one function that gives `undefined` for text that is not of the kind. */
export function kind<T>(form: string, read: (text: string) => T | undefined): Kind<z.ZodType<T, string>> {
  const schema = z.string().transform((text, ctx) => {
    const value = read(text.trim());
    if (value !== undefined) return value;
    ctx.addIssue(`is not ${form}`);
    return z.NEVER;
  });
  return { schema, form };
}

/** A variable that may be left out: its value is then `undefined`. */
export const optional = <Schema extends z.ZodType>({ schema, form }: Kind<Schema>) => ({
  schema: schema.optional(),
  form,
});

export const oneOf = <const Word extends string>(...words: readonly Word[]) =>
  kind(`one of ${words.join(', ')}`, (text) => words.find((word) => word === text));

/** `1` switches it on. Nothing else but `0` is taken, so that a slip never does. */
export const flag = kind('1 (on) or 0 (off)', (text) =>
  text === '1' ? true : text === '0' ? false : undefined,
);

export const path = kind('a path', (text) => (text.includes('\0') ? undefined : text));

export const integer = (min: number, max: number) =>
  kind(`a whole number from ${min} to ${max}`, (text) => within(text, /^\d{1,9}$/, min, max));

export const decimal = (min: number, max: number) =>
  kind(`a number from ${min} to ${max}`, (text) => within(text, /^\d{1,9}(\.\d{1,3})?$/, min, max));

/** Read as seconds, kept as milliseconds. */
export const seconds = (min: number, max: number) =>
  kind(`a number of seconds from ${min} to ${max}`, (text) => {
    const value = within(text, /^\d{1,9}(\.\d{1,3})?$/, min, max);
    return value === undefined ? undefined : Math.round(value * 1000);
  });

/** Read as MiB, kept as bytes. */
export const mebibytes = (min: number, max: number) =>
  kind(`a whole number of MiB from ${min} to ${max}`, (text) => {
    const value = within(text, /^\d{1,9}$/, min, max);
    return value === undefined ? undefined : value * 1024 * 1024;
  });

function within(text: string, shape: RegExp, min: number, max: number): number | undefined {
  const value = shape.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

export const secret = (minLength: number) =>
  kind(`a secret of at least ${minLength} characters`, (text) =>
    text.length >= minLength && !/\s/.test(text) ? new Secret(text) : undefined,
  );

export const keyRing = kind(
  'a key ring: name:base64 of 32 random bytes, several separated by commas, the current one first',
  (text) => new Secret(text),
);

export const LOOPBACK_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

const isLoopback = (host: string) => LOOPBACK_HOSTS.includes(host);

/** The address of this service as clients see it, without a trailing slash. */
export const publicUrl = kind('an https address without a path (http for localhost only)', (text) => {
  const url = httpUrl(text);
  if (url === undefined || (url.protocol === 'http:' && !isLoopback(url.hostname))) return undefined;
  return url.pathname === '/' ? url.origin : undefined;
});

/** The address of an API, without a trailing slash. */
export const apiUrl = kind('an http or https address without credentials, query or fragment', (text) => {
  const url = httpUrl(text);
  return url === undefined ? undefined : `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
});

/** What may stand after `sslmode=`: those that leave open whether a connection is encrypted are not taken. */
const SSL_MODES: readonly (string | null)[] = [null, 'disable', 'require', 'verify-ca', 'verify-full'];

/** With everything a connection needs, a password too, so it is a secret as a whole. */
export const postgresUrl = kind(
  'a Postgres address: postgres://user:password@host:port/database, with sslmode=disable, require, verify-ca or verify-full if any',
  (text) => {
    const url = serviceUrl(text, ['postgres:', 'postgresql:']);
    const complete = url !== undefined && url.username !== '' && url.pathname.length > 1;
    return complete && SSL_MODES.includes(url.searchParams.get('sslmode')) ? new Secret(text) : undefined;
  },
);

export const redisUrl = kind('a Redis address: redis://host:port, or rediss:// for TLS', (text) =>
  serviceUrl(text, ['redis:', 'rediss:']) === undefined ? undefined : new Secret(text),
);

function serviceUrl(text: string, protocols: readonly string[]): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && protocols.includes(url.protocol) && url.hash === '' ? url : undefined;
}

export const origins = kind('a list of web origins (scheme://host[:port]) separated by commas', (text) =>
  list(text, (item) => (httpUrl(item)?.origin === item.toLowerCase() ? item.toLowerCase() : undefined)),
);

/** Host names as a Host header gives them, without the port, in lower case. */
export const hostNames = kind('a list of host names without ports, separated by commas', (text) =>
  list(text, (item) => {
    const url = httpUrl(`http://${item}`);
    return url !== undefined && url.hostname === item.toLowerCase() ? url.hostname : undefined;
  }),
);

/** Of `localhost` Fastify makes a second server where that is ::1 too, and ends and counts only the first. */
export const listenAddress = kind('a host name or an IP address to listen on', (text) => {
  if (text.toLowerCase() === 'localhost') return '127.0.0.1';
  return isIP(text) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text) ? text : undefined;
});

/** A range that spans the whole address space is refused: it would let every caller choose its own address. */
export const networks = kind(
  'a list of IP addresses or CIDR ranges, separated by commas, none of them /0',
  (text) =>
    list(text, (item) => {
      const [address = '', prefix, ...more] = item.split('/');
      const family = isIP(address);
      if (family === 0 || more.length > 0) return undefined;
      if (prefix === undefined) return item;
      if (within(prefix, /^\d{1,3}$/, 1, family === 4 ? 32 : 128) === undefined) return undefined;
      return item;
    }),
);

function httpUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url !== undefined && `${url.username}${url.password}${url.search}${url.hash}` === '';
  return plain && /^https?:$/.test(url.protocol) ? url : undefined;
}

/** `undefined` when one of the items is not to be read. */
export function list<T>(text: string, read: (item: string) => T | undefined): readonly T[] | undefined {
  const items = text.split(',').map((item) => read(item.trim()));
  const good = items.filter((item) => item !== undefined);
  return good.length === items.length ? good : undefined;
}
