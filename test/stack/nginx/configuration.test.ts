/** The files themselves: accepted by the nginx at hand, but for directives that only newer ones have. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverFolder, unprivileged } from '../../support/services/server-process.js';
import { makeCertificate } from '../../support/stack/certificate.js';
import { checkNginxFiles } from '../../support/stack/nginx.js';
import {
  directivesOf,
  NGINX_FOLDER,
  PLACES,
  productionFiles,
  STAND_INS,
  writeCertificate,
  writeNginxFiles,
} from '../../support/stack/nginx-files.js';

const SETTINGS = {
  replicaPorts: [3101, 3102],
  limits: { requestsPerSecond: 50, burst: 200, connections: 100 },
  port: 18_443,
  plainPort: 18_080,
};

const production = (name: string) => readFileSync(join(NGINX_FOLDER, name), 'utf8');

let folder: string;
beforeAll(() => {
  folder = serverFolder('nginx-files');
  writeCertificate(folder, makeCertificate());
  writeNginxFiles(folder, SETTINGS);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the configuration', () => {
  it('is accepted', () => {
    expect(complaints()).toEqual([]);
  });

  it('is accepted with a proxy in front', () => {
    writeFileSync(join(folder, 'outer-proxy.conf'), outerProxyOfReadme());
    expect(complaints()).toEqual([]);
    rmSync(join(folder, 'outer-proxy.conf'));
  });

  it('is refused with a fault in it, so that the check means something', () => {
    writeFileSync(join(folder, 'upstream.conf'), 'server 127.0.0.1:3101 max_fails=few;\n');
    expect(complaints()).toEqual([expect.stringContaining('invalid parameter "max_fails=few"')]);
    writeNginxFiles(folder, SETTINGS);
  });

  it('names every place outside its folder that a test moves, and no other', () => {
    const text = productionFiles().map(production).flatMap(directivesOf).join('\n');
    for (const place of PLACES.keys()) expect(text).toContain(place);
    const others = [...PLACES.keys()].reduce((rest, place) => rest.replaceAll(place, ''), text);
    expect(others.match(/\s\/(?:tmp|dev|etc|var|run|usr)\/\S*/g)).toBeNull();
  });
});

describe('what these tests do not run', () => {
  it('is these directives and no other', () => {
    const changed = Object.entries(STAND_INS).flatMap(([name, change]) => {
      const run = new Set(directivesOf(change(production(name), SETTINGS)));
      return directivesOf(production(name))
        .filter((directive) => !run.has(directive))
        .map((directive) => `${name}: ${directive}`);
    });
    // With the limits of production in `SETTINGS`, limits.conf is as it is.
    expect(changed).toEqual([
      'upstream.conf: server mcp:3000 resolve max_fails=2 fail_timeout=3s;',
      'upstream-ready.conf: server mcp:3000 resolve max_fails=0;',
      'listen.conf: listen 443 ssl default_server;',
      'listen.conf: listen [::]:443 ssl default_server;',
      'listen.conf: http2 on;',
      'listen-plain.conf: listen 80 default_server;',
      'listen-plain.conf: listen [::]:80 default_server;',
    ]);
  });

  it.each([
    // Each complaint ends when the nginx at hand is new enough: then its line can be run, and must be.
    ['upstream.conf', 'server mcp:3000 resolve max_fails=2 fail_timeout=3s;', 'invalid parameter "resolve"'],
    ['upstream-ready.conf', 'server mcp:3000 resolve max_fails=0;', 'invalid parameter "resolve"'],
    ['listen.conf', 'http2 on;', 'unknown directive "http2"'],
  ])('cannot be run by the nginx at hand: %s: %s', (name, directive, complaint) => {
    expect(directivesOf(production(name))).toContain(directive);
    writeFileSync(join(folder, name), `${readFileSync(join(folder, name), 'utf8')}\n${directive}\n`);
    expect(complaints()).toEqual([expect.stringContaining(complaint)]);
    writeNginxFiles(folder, SETTINGS);
  });
});

/** What nginx says, but for the account, which only root can change. */
function complaints(): string[] {
  mkdirSync(join(folder, 'acme'), { recursive: true });
  const isOfUser = (line: string) => unprivileged() !== undefined && line.includes('the "user" directive');
  return checkNginxFiles(folder)
    .split('\n')
    .filter((line) => /\[(emerg|alert|crit|error|warn)\]/.test(line) && !isOfUser(line));
}

function outerProxyOfReadme(): string {
  const text = production('README.md');
  const found = /```nginx\n(# outer-proxy\.conf\n[\s\S]*?)```/.exec(text)?.[1];
  if (found === undefined) throw new Error('nginx/README.md shows no outer-proxy.conf');
  return found;
}
