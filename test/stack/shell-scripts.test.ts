/** Every shell script of the repository is clean under shellcheck, says which shell it is for, and stops at a failure. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../support/running-program.js';
import { shellcheckProgram } from '../support/services/debian.js';

const NOT_OURS = new Set(['node_modules', '.git', 'dist', 'data', 'coverage', 'secrets']);

const scriptsBelow = (folder: string): string[] =>
  readdirSync(join(projectRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : scriptsBelow(path);
    return entry.isFile() && entry.name.endsWith('.sh') ? [path] : [];
  });

const scripts = scriptsBelow('.');
const textOf = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');
/** Read by another script, not run. */
const isPartOfAnother = (path: string): boolean =>
  scripts.some((other) => new RegExp(`^\\s*(\\.|source) .*${basename(path)}`, 'm').test(textOf(other)));
const check = (paths: readonly string[], input?: string) =>
  spawnSync(shellcheckProgram(), ['--severity=style', ...paths], {
    cwd: projectRoot,
    encoding: 'utf8',
    input,
  });

describe('shell scripts', () => {
  it('are clean under shellcheck, and so are the steps of the continuous checks', () => {
    expect(scripts).toContain('docker/make-secrets.sh');
    expect(check([...scripts, '.ci/run']).stdout).toBe('');
    expect(check(['-'], '#!/usr/bin/env bash\nrm $1\n').status).toBe(1);
  });

  it.each(scripts)(
    '%s is for bash, stops at a failure, and can be run unless it is a part of another',
    (path) => {
      const text = textOf(path);
      expect(text.startsWith('#!/usr/bin/env bash\n')).toBe(true);
      expect(text).toMatch(/^set -euo pipefail$/m);
      const canBeRun = (statSync(join(projectRoot, path)).mode & 0o111) !== 0;
      expect(canBeRun).toBe(!isPartOfAnother(path));
    },
  );
});
