/**
 * The proxy on the way out, as HTTPS_PROXY, HTTP_PROXY and NO_PROXY tell it to every program. Their names are not ours;
 * their meaning here is that of most programs: the scheme of what is called chooses the variable.
 */
import { BlockList, isIP } from 'node:net';
import { Secret } from '../tenancy/secret.js';
import { kind, list } from './kinds.js';

/** May hold a password, so it is a secret as a whole. */
export const proxyUrl = kind(
  'the address of an HTTP proxy: http://host:port or https://host:port, with user:password@ before the host if any',
  (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) return undefined;
    const plain = `${url.pathname}${url.search}${url.hash}` === '/';
    return plain && isEscapedWell(`${url.username}${url.password}`) ? new Secret(text) : undefined;
  },
);

/** Whether somebody's name or password stands before the host. @param address as `proxyUrl` accepts it */
export function hasCredentials(address: string): boolean {
  const { username, password } = new URL(address);
  return `${username}${password}` !== '';
}

function isEscapedWell(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch (thrown) {
    if (thrown instanceof URIError) return false;
    throw thrown;
  }
}

/** What is called without a proxy. */
export type ProxyException =
  | { readonly kind: 'everything' }
  /** The host and the names below it, in lower case; on one port where one is given. */
  | { readonly kind: 'host'; readonly host: string; readonly port: string | undefined }
  | { readonly kind: 'range'; readonly network: string; readonly prefix: number };

export const noProxy = kind(
  '* or a list, separated by commas, of host names and IP addresses, each with :port if any, and CIDR ranges',
  (text) => list(text.replace(/[,\s]+$/, ''), proxyException),
);

function proxyException(item: string): ProxyException | undefined {
  if (item === '*') return { kind: 'everything' };
  const [network = '', prefix] = item.split('/');
  if (prefix !== undefined) {
    const widest = { 0: -1, 4: 32, 6: 128 }[isIP(network)] ?? -1;
    return /^\d{1,3}$/.test(prefix) && Number(prefix) <= widest
      ? { kind: 'range', network, prefix: Number(prefix) }
      : undefined;
  }
  const bare = item.toLowerCase().replace(/^\*?\./, '');
  if (isIP(bare) === 6) return { kind: 'host', host: bare, port: undefined };
  const shape = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_](?:[a-z0-9._-]*[a-z0-9])?))(?::(\d{1,5}))?$/;
  const [, address, name, port] = shape.exec(bare) ?? [];
  const host = address ?? name;
  return host === undefined ? undefined : { kind: 'host', host, port };
}

export interface ProxySettings {
  readonly HTTPS_PROXY?: Secret | undefined;
  readonly HTTP_PROXY?: Secret | undefined;
  readonly NO_PROXY?: readonly ProxyException[] | undefined;
}

/** The proxy that an address is called through, or `undefined` for the direct way. */
export function proxyFor(address: string, settings: ProxySettings): Secret | undefined {
  const { protocol, hostname, port } = new URL(address);
  const secure = protocol === 'https:';
  const target = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? '443' : '80') : port,
  };
  if ((settings.NO_PROXY ?? []).some((exception) => excepts(exception, target))) return undefined;
  return secure ? settings.HTTPS_PROXY : settings.HTTP_PROXY;
}

function excepts(
  exception: ProxyException,
  target: { readonly host: string; readonly port: string },
): boolean {
  switch (exception.kind) {
    case 'everything':
      return true;
    case 'host':
      return (
        (exception.port === undefined || exception.port === target.port) &&
        (target.host === exception.host || target.host.endsWith(`.${exception.host}`))
      );
    case 'range':
      return isInRange(target.host, exception.network, exception.prefix);
  }
}

function isInRange(host: string, network: string, prefix: number): boolean {
  const family = isIP(host);
  if (family === 0 || family !== isIP(network)) return false;
  const range = new BlockList();
  range.addSubnet(network, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return range.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
