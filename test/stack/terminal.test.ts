/** What a person sees who starts the server at a terminal. Its output goes to pipes that say they are one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callTool } from '../support/call-tool.js';
import { cliFile, projectRoot } from '../support/running-program.js';
import { suiteFolder } from '../support/temporary-folder.js';

const AS_TERMINAL =
  'data:text/javascript,for(const s of [process.stdout,process.stderr])Object.defineProperty(s,"isTTY",{value:true})';
const A_KEY = /odm_[0-9A-Za-z]{10}_[0-9A-Za-z]{38}/g;

/** Starts, waits until the lines for the person are complete, does `work`, and ends the server. */
async function atTerminal(dataDir: string, work: (screen: () => string) => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, ['--import', AS_TERMINAL, cliFile, 'start'], {
    cwd: projectRoot,
    env: { PATH: process.env.PATH, PORT: '0', DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  // Which of the two comes first is chance, and so is where one is in the middle of the other.
  const shown = { banner: '', log: '' };
  const complete = new Promise<void>((resolve) => {
    const hasAll = () => shown.banner.includes('tools/list\n\n') && /INFO.*ready/.test(shown.log);
    for (const [part, stream] of [['banner', child.stderr] as const, ['log', child.stdout] as const]) {
      stream.on('data', (chunk: Buffer) => {
        shown[part] += chunk;
        if (hasAll()) resolve();
      });
    }
  });
  await Promise.race([complete, ended]);
  try {
    await work(() => `${shown.banner}${shown.log}`);
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

describe('a start at a terminal', () => {
  let folder: Awaited<ReturnType<typeof suiteFolder>>;
  beforeAll(async () => {
    folder = await suiteFolder();
  });
  afterAll(() => folder?.remove());

  it('shows the key, in lines that can be pasted, and writes it to no file', async () => {
    await atTerminal(folder.path, async (screen) => {
      const keys = new Set(screen().match(A_KEY));
      expect(keys.size, screen()).toBe(1);
      const [key = ''] = keys;
      for (const line of [
        /claude mcp add .*/,
        /code --add-mcp .*/,
        /\{"mcpServers".*/,
        /npx .*inspector .*/,
      ]) {
        expect(screen().match(line)?.[0]).toContain(key);
      }
      expect(await readdir(join(folder.path, 'secrets'))).toEqual(['key-pepper', 'kms-key']);

      const url = screen().match(/URL +(\S+)/)?.[1] ?? '';
      const answer = await callTool(url, key, 'list_orders', { limit: 1 });
      expect(answer.result?.structuredContent).toMatchObject({ returned: 1 });
      expect(screen().match(A_KEY)).toHaveLength(5);
    });
  });

  it('shows no key the second time, says how to get another, and writes its log for a person', async () => {
    await atTerminal(folder.path, async (screen) => {
      expect(screen()).not.toMatch(A_KEY);
      expect(screen()).toMatch(/INFO.*ready/);
      expect(screen()).not.toContain('{"level"');
      expect(screen()).toContain('orderdesk-mcp key create --tenant demo');
    });
  });
});
