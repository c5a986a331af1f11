import { describe, expect, it } from 'vitest';
import { failure, load, variablesIn } from './load.js';

const UPSTREAM = 'https://api.example.com/api/v2';
const PROXY = 'http://user:hunter2@proxy.example.com:3128';

const proxyOf = (env: Record<string, string>) =>
  load({ ORDERDESK_API_URL: UPSTREAM, ...env }).upstream.proxy?.reveal();

describe('the proxy on the way to Order Desk', () => {
  it('is chosen by the scheme of the address', () => {
    const both = { HTTPS_PROXY: PROXY, HTTP_PROXY: 'http://plain.example.com:3128' };
    expect(proxyOf(both)).toBe(PROXY);
    expect(proxyOf({ ...both, ORDERDESK_API_URL: 'http://api.example.com/api/v2' })).toBe(both.HTTP_PROXY);
    expect(proxyOf({ HTTP_PROXY: PROXY })).toBeUndefined();
    expect(proxyOf({})).toBeUndefined();
  });

  it('is named in lower case too, but not by two names that differ', () => {
    expect(proxyOf({ https_proxy: PROXY })).toBe(PROXY);
    expect(proxyOf({ https_proxy: PROXY, HTTPS_PROXY: PROXY, no_proxy: 'example.com' })).toBeUndefined();
    const error = failure({ https_proxy: PROXY, HTTPS_PROXY: 'http://other.example.com' });
    expect(variablesIn(error)).toEqual(['HTTPS_PROXY']);
    expect(error.message).not.toMatch(/hunter2|other/);
  });

  it('is not for the built-in sandbox', () => {
    expect(load({ HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY }).upstream.proxy).toBeUndefined();
  });

  it('may lie in a file, and is shown nowhere', () => {
    const env = { ORDERDESK_API_URL: UPSTREAM, HTTPS_PROXY_FILE: '/run/secrets/https_proxy' };
    const config = load(env, { '/run/secrets/https_proxy': `${PROXY}\n` });
    expect(config.upstream.proxy?.reveal()).toBe(PROXY);
    expect(JSON.stringify(config)).not.toContain('hunter2');
  });

  it.each([
    'proxy.example.com:3128',
    'socks5://user:hunter2@proxy.example.com',
    'http://proxy.example.com/path',
    'http://user:hunter2@proxy.example.com?x=1',
    'http://user:100%@proxy.example.com',
    'http://',
  ])('is not named by %s', (text) => {
    for (const name of ['HTTPS_PROXY', 'HTTP_PROXY']) {
      const error = failure({ [name]: text });
      expect(variablesIn(error)).toEqual([name]);
      expect(error.message).not.toMatch(/hunter2|100%/);
    }
  });
});

describe('NO_PROXY', () => {
  const direct = (exceptions: string, url: string): boolean =>
    proxyOf({
      HTTPS_PROXY: PROXY,
      HTTP_PROXY: PROXY,
      NO_PROXY: exceptions,
      ORDERDESK_API_URL: url,
    }) === undefined;

  it.each([
    ['*', 'https://api.example.com'],
    ['api.example.com', 'https://api.example.com'],
    ['other.test, EXAMPLE.com', 'https://api.example.com'],
    ['.example.com', 'https://api.example.com'],
    ['*.example.com', 'https://api.example.com'],
    ['api.example.com:443', 'https://api.example.com'],
    ['api.example.com:80', 'http://api.example.com'],
    ['192.0.2.7:8443', 'https://192.0.2.7:8443'],
    ['192.0.2.0/24', 'https://192.0.2.7'],
    ['2001:db8::1', 'https://[2001:db8::1]'],
    ['[2001:db8::1]:443', 'https://[2001:db8::1]'],
    ['2001:db8::/32', 'https://[2001:db8::1]'],
  ])('%s excepts %s', (exceptions, url) => {
    expect(direct(exceptions, url)).toBe(true);
  });

  it.each([
    ['example.com', 'https://notexample.com'],
    ['api.example.com', 'https://example.com'],
    ['api.example.com:8443', 'https://api.example.com'],
    ['192.0.2.0/24', 'https://198.51.100.7'],
    ['192.0.2.0/24', 'https://[2001:db8::1]'],
    ['192.0.2.0/24', 'https://192.0.2.7.example.com'],
  ])('%s does not except %s', (exceptions, url) => {
    expect(direct(exceptions, url)).toBe(false);
  });

  it.each(['a b', '192.0.2.0/33', 'example.com/24', 'http://example.com', 'example.com:x', 'a,,b'])(
    'is not to be read as %s',
    (text) => {
      expect(variablesIn(failure({ NO_PROXY: text }))).toEqual(['NO_PROXY']);
    },
  );
});
