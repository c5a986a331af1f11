/** Prometheus' own checker over everything that is written for it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { promtoolProgram } from '../../support/services/debian.js';
import { suiteFolder } from '../../support/temporary-folder.js';
import {
  caseFiles,
  dashboardQueries,
  PROMETHEUS,
  ROOT,
  ruleFiles,
  runbookQueries,
} from '../../unit/monitoring/files.js';

const promtool = promtoolProgram();
let folder: Awaited<ReturnType<typeof suiteFolder>>;
beforeAll(async () => {
  folder = await suiteFolder();
});
afterAll(() => folder?.remove());

/** What it says when it refuses; empty when it accepts. */
function complaint(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(promtool, args, { encoding: 'utf8' });
  return status === 0 ? '' : `${stdout}${stderr}`;
}

/** The expressions as rules of a file, so that promtool reads them. */
function asRules(expressions: readonly string[]): string {
  const file = join(folder.path, 'expressions.yml');
  const rules = expressions.map((expr, index) => ({ record: `expression:${index}`, expr }));
  writeFileSync(file, stringify({ groups: [{ name: 'expressions', rules }] }));
  return file;
}

describe('promtool', () => {
  it('accepts the configuration, with the token in the place where this test has it', () => {
    const token = join(folder.path, 'metrics_token');
    writeFileSync(token, 'made-up');
    const text = readFileSync(join(PROMETHEUS, 'prometheus.yml'), 'utf8');
    expect(text).toContain('credentials_file: /run/secrets/metrics_token\n');
    writeFileSync(join(folder.path, 'prometheus.yml'), text.replace('/run/secrets/metrics_token', token));
    cpSync(join(PROMETHEUS, 'rules'), join(folder.path, 'rules'), { recursive: true });
    expect(complaint('check', 'config', join(folder.path, 'prometheus.yml'))).toBe('');
  });

  it('accepts every rule', () => {
    expect(ruleFiles().length).toBeGreaterThan(0);
    expect(complaint('check', 'rules', '--lint=all', '--lint-fatal', ...ruleFiles())).toBe('');
  });

  it('finds every alert to fire and to stay silent where its cases say so', () => {
    expect(caseFiles().length).toBeGreaterThan(0);
    expect(complaint('test', 'rules', ...caseFiles())).toBe('');
  });

  it('accepts every query of the dashboards', () => {
    expect(dashboardQueries('1m').length).toBeGreaterThan(50);
    expect(complaint('check', 'rules', asRules(dashboardQueries('1m')))).toBe('');
  });

  it('accepts every query of the runbook, and refuses what is none', () => {
    expect(runbookQueries().length).toBeGreaterThan(20);
    expect(complaint('check', 'rules', asRules(runbookQueries()))).toBe('');
    expect(complaint('check', 'rules', asRules(['rate(up)']))).toContain('expected type range vector');
  });
});

it('the rules and dashboards are those that their sources make', () => {
  const script = fileURLToPath(new URL('../../../scripts/monitoring/generate.mjs', import.meta.url));
  expect(execFileSync(process.execPath, [script, '--check'], { cwd: ROOT, encoding: 'utf8' })).toBe('');
});
