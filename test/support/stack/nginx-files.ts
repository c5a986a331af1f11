/** The production files of nginx in a folder of a test, with the few changes that a test on loopback needs. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../running-program.js';
import type { TestCertificate } from './certificate.js';

export interface AddressLimits {
  /** In the long run. */
  readonly requestsPerSecond: number;
  /** At once after a pause. */
  readonly burst: number;
  /** Requests under way. */
  readonly connections: number;
}

export interface NginxSettings {
  /** Loopback ports of the replicas. */
  readonly replicaPorts: readonly number[];
  readonly limits: AddressLimits;
  readonly port: number;
  readonly plainPort: number;
  /** Whether it listens on `::1` as well, which not every machine has. */
  readonly ipv6?: boolean;
  /** Of `outer-proxy.conf`, which an installation may add. */
  readonly outerProxy?: string | undefined;
}

export const NGINX_FOLDER = join(projectRoot, 'nginx');

/** Places outside the test's folder, in whichever file they are named. */
export const PLACES: ReadonlyMap<string, string> = new Map([
  ['/tmp/', './'],
  ['/dev/stdout', './access.log'],
  ['/dev/stderr', './error.log'],
  ['/etc/nginx/tls/', './tls/'],
  ['/var/www/acme', './acme'],
]);

/** The files that are changed otherwise, and how: each gets the production text. */
export const STAND_INS: Readonly<Record<string, (text: string, settings: NginxSettings) => string>> = {
  // Newer versions look names up and follow them; here each replica has its port.
  'upstream.conf': withPorts,
  'upstream-ready.conf': withPorts,
  // What is a directive in newer versions is a word of `listen` in older ones.
  'listen.conf': (text, { port, ipv6 }) =>
    onLoopback(without(text, 'http2').replaceAll(' ssl ', ' ssl http2 '), 443, port, ipv6),
  'listen-plain.conf': (text, { plainPort, ipv6 }) => onLoopback(text, 80, plainPort, ipv6),
  'limits.conf': (text, { limits }) =>
    [
      [/rate=\d+r/, `rate=${limits.requestsPerSecond}r`] as const,
      [/burst=\d+/, `burst=${limits.burst}`] as const,
      [/limit_conn connections \d+/, `limit_conn connections ${limits.connections}`] as const,
    ].reduce((changed, [pattern, value]) => replaced(changed, pattern, () => value), text),
};

export const productionFiles = (): readonly string[] =>
  readdirSync(NGINX_FOLDER).filter((name) => name.endsWith('.conf'));

/** @throws Error when a production file no longer has what a change is for */
export function writeNginxFiles(folder: string, settings: NginxSettings): void {
  for (const name of productionFiles()) {
    const text = readFileSync(join(NGINX_FOLDER, name), 'utf8');
    const changed = STAND_INS[name]?.(text, settings) ?? text;
    const placed = [...PLACES].reduce((so, [place, here]) => so.replaceAll(place, here), changed);
    writeFileSync(join(folder, name), placed);
  }
  if (settings.outerProxy !== undefined) writeFileSync(join(folder, 'outer-proxy.conf'), settings.outerProxy);
}

/** The folder is its owner's alone, so the key need not be. */
export function writeCertificate(folder: string, { chain, key }: TestCertificate): void {
  mkdirSync(join(folder, 'tls'), { recursive: true });
  writeFileSync(join(folder, 'tls/fullchain.pem'), chain);
  writeFileSync(join(folder, 'tls/privkey.pem'), key);
}

/** The directives of a file, one a line, without comments. */
export const directivesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

function withPorts(text: string, { replicaPorts }: NginxSettings): string {
  return replaced(text, /^server mcp:3000 resolve (.*)$/m, (line) =>
    replicaPorts.map((port) => line.replace('mcp:3000 resolve', `127.0.0.1:${port}`)).join('\n'),
  );
}

function onLoopback(text: string, published: number, port: number, ipv6 = false): string {
  const first = replaced(text, new RegExp(`^listen ${published} `, 'm'), () => `listen 127.0.0.1:${port} `);
  const second = new RegExp(`^listen \\[::\\]:${published} (.*)\\n`, 'm');
  return replaced(first, second, (line) => (ipv6 ? line.replace(`[::]:${published}`, `[::1]:${port}`) : ''));
}

function without(text: string, ...names: readonly string[]): string {
  return names.reduce((rest, name) => replaced(rest, new RegExp(`^\\s*${name} .*\\n`, 'm'), () => ''), text);
}

function replaced(text: string, pattern: RegExp, by: (found: string) => string): string {
  if (!pattern.test(text)) throw new Error(`nginx/: nothing matches ${pattern} where a test changes it.`);
  return text.replace(pattern, by);
}
