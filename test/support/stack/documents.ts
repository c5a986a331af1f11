/**
 * The commands of the documents: fenced blocks with their marks, a shell that carries them out as an operator would, and
 * what can be said of those that need a Docker engine.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CommandOutcome } from '../running-program.js';

export interface Block {
  readonly document: string;
  /** The nearest heading above. */
  readonly section: string;
  readonly line: number;
  /** What stands behind the fence: `sh run`, `promql`; empty for nothing. */
  readonly mark: string;
  /** Without the indentation of the fence. */
  readonly text: string;
}

/** Every fenced block of a document, from top to bottom. @param name for messages */
export function blocksOf(name: string, text: string): readonly Block[] {
  const blocks: Block[] = [];
  let section = '';
  let open: { readonly indent: string; readonly mark: string; readonly line: number } | undefined;
  let lines: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^( *)```(.*)$/.exec(line);
    if (open === undefined && fence !== null) {
      open = { indent: fence[1] ?? '', mark: (fence[2] ?? '').trim(), line: index + 1 };
      lines = [];
    } else if (open !== undefined && fence?.[2] === '') {
      blocks.push({ document: name, section, line: open.line, mark: open.mark, text: lines.join('\n') });
      open = undefined;
    } else if (open !== undefined) {
      lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
    } else {
      section = /^#+ +(.+)$/.exec(line)?.[1] ?? section;
    }
  }
  if (open !== undefined) throw new Error(`${name}:${open.line}: a block without an end`);
  return blocks;
}

/** One bash, which keeps its variables and functions from block to block. It ends where a command fails: take another then. */
export interface Shell {
  run(block: string): Promise<CommandOutcome>;
  close(): void;
}

/** @param folder the working folder @param scratch where blocks and what they print are kept */
export function openShell(folder: string, scratch: string, env: NodeJS.ProcessEnv): Shell {
  const files = mkdtempSync(join(scratch, 'shell-'));
  const child: ChildProcess = spawn('bash', ['--noprofile', '--norc', '-s'], {
    cwd: folder,
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('bash has no pipes');
  const ended = once(child, 'exit');
  const answers = createInterface({ input: stdout });
  stdin.write('set -euo pipefail\n');
  let count = 0;
  return {
    async run(block) {
      count += 1;
      const [file, out, err] = [`${count}.sh`, `${count}.out`, `${count}.err`];
      writeFileSync(join(files, file), `${block}\n`);
      const passed = once(answers, 'line').then(() => 0);
      const failed = ended.then(([code]) => Number(code ?? 1));
      const line = `. '${join(files, file)}' </dev/null >'${join(files, out)}' 2>'${join(files, err)}'`;
      stdin.write(`${line}\necho passed\n`);
      const code = await Promise.race([passed, failed]);
      const printed = (name: string) => readFileSync(join(files, name), 'utf8');
      return { code, stdout: printed(out), stderr: printed(err) };
    },
    close: () => void child.kill('SIGKILL'),
  };
}
