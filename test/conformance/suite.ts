/** The public conformance suite, run as a program against one address. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peers, runProgram } from '../support/peers.js';

export type Requirements = '2025-11-25' | '2026-07-28';

export interface SuiteOutcome {
  /** 0 when every required scenario passed. */
  readonly exitCode: number;
  /** Scenarios that ran, with whether the suite counts them for this set. */
  readonly scenarios: readonly string[];
  /** Failed checks as `scenario:check-id`, of required scenarios only. */
  readonly failures: readonly string[];
  readonly log: string;
}

/** Runs one frozen requirement set. */
export async function runSuite(url: string, requirements: Requirements): Promise<SuiteOutcome> {
  const output = await mkdtemp(join(tmpdir(), 'conformance-'));
  try {
    const args = [peers.conformance, 'server', '--url', url, '--requirements', requirements, '-o', output];
    const { exitCode, stdout } = await runProgram(peers.node, args, { timeoutMs: 240_000 });
    const unscored = new Set([...stdout.matchAll(/^ {2}[✓✗] ([\w-]+) \(/gm)].map((match) => match[1]));
    const scenarios = [...stdout.matchAll(/^[✓✗] ([\w-]+):/gm)]
      .map((match) => match[1] ?? '')
      .filter((name) => !unscored.has(name));
    return {
      exitCode,
      scenarios,
      failures: await failedChecks(output, scenarios),
      log: stdout.slice(Math.max(0, stdout.indexOf('=== SUMMARY'))),
    };
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

async function failedChecks(output: string, scenarios: readonly string[]): Promise<string[]> {
  const failures: string[] = [];
  for (const folder of await readdir(output)) {
    const scenario = scenarios.find((name) => folder.startsWith(`server-${name}-20`));
    if (scenario === undefined) continue;
    const checks: { id: string; status: string }[] = JSON.parse(
      await readFile(join(output, folder, 'checks.json'), 'utf8'),
    );
    for (const { id, status } of checks) if (status === 'FAILURE') failures.push(`${scenario}:${id}`);
  }
  return [...new Set(failures)].sort();
}
