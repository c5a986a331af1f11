/** The commands of the README do what it says, pasted as they stand; only the made-up store id is one that exists. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot, runCommand } from '../support/running-program.js';
import { suiteFolder } from '../support/temporary-folder.js';

const INPUT: Readonly<Record<string, string>> = { 'store add': 'sandbox-key-for-store-10001\n' };

describe('the README', () => {
  let blocks: string[];
  let folder: Awaited<ReturnType<typeof suiteFolder>>;
  beforeAll(async () => {
    const readme = await readFile(join(projectRoot, 'README.md'), 'utf8');
    blocks = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].map((match) => (match[1] ?? '').trim());
    folder = await suiteFolder();
  });
  afterAll(() => folder?.remove());

  it('opens with one command that starts and one that tests', () => {
    expect(blocks.slice(0, 2)).toEqual(['npm ci && npm start', 'npm test']);
  });

  it('leads from an empty data folder to a store whose folders have a meaning, and a key', async () => {
    const commands = blocks
      .flatMap((block) => block.split('\n'))
      .filter((line) => line.startsWith('npx orderdesk-mcp'))
      .map((line) => line.replace(/\s+#.*$/, '').replace('12345', '10001'));
    expect(commands).toHaveLength(5);
    const outputs: string[] = [];
    for (const command of commands) {
      const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)]
        .map((match) => match[1] ?? match[2] ?? '')
        .slice(2);
      const outcome = await runCommand(args, {
        dataDir: folder.path,
        input: INPUT[args.slice(0, 2).join(' ')] ?? '',
      });
      expect(outcome.code, `${command}\n${outcome.stderr}`).toBe(0);
      outputs.push(outcome.stdout);
    }
    const [, , key, asGuessed, asSaid] = outputs;
    expect(key).toMatch(/^odm_[0-9A-Za-z_]{49}\n$/);
    expect(asGuessed).toMatch(/ Shipped +closed +name /);
    expect(asSaid).toMatch(/Shipped[\s\S]*closed[\s\S]*owner/);
    const again = await runCommand(['tenant', 'create', 'ACME'], { dataDir: folder.path });
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('exists already') });
    const stores = await runCommand(['store', 'list', '--tenant', 'acme', '--json'], {
      dataDir: folder.path,
    });
    expect(JSON.parse(stores.stdout)).toMatchObject([{ orderDeskStoreId: '10001', isDefault: true }]);
  });
});
