/** docker/restart-replicas.sh with a `docker` that writes down what it is asked: the order of its steps, and where it stops. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../support/running-program.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** @param docker what it does, in shell, once its arguments are written down */
async function restart(docker: string) {
  const folder = await temporaryFolder();
  const asked = join(folder, 'asked');
  const script = ['#!/bin/sh', `printf '%s\\n' "$*" >> '${asked}'`, docker];
  await writeFile(join(folder, 'docker'), `${script.join('\n')}\n`, { mode: 0o755 });
  const copy = join(folder, 'restart.sh');
  const text = await readFile(join(projectRoot, 'docker/restart-replicas.sh'), 'utf8');
  await writeFile(copy, text.replace('WAIT_S=120', 'WAIT_S=0'), { mode: 0o755 });
  const outcome = await promisify(execFile)(copy, { env: { PATH: `${folder}:${process.env.PATH}` } }).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
    (failure: { code: number; stdout: string; stderr: string }) => failure,
  );
  return { ...outcome, asked: (await readFile(asked, 'utf8')).trim().split('\n') };
}

const inspect = (id: string): string => `inspect --format {{.State.Health.Status}} ${id}`;
const REPLICAS = 'compose) printf "one\\ntwo\\n" ;;';

describe('restart-replicas.sh', () => {
  it('restarts one after the other, each when the one before is ready', async () => {
    const { code, stdout, asked } = await restart(`case $1 in ${REPLICAS} inspect) echo healthy ;; esac`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'restarted one\nrestarted two\n' });
    expect(asked).toEqual([
      'compose ps --quiet mcp',
      'restart -t 60 one',
      inspect('one'),
      'restart -t 60 two',
      inspect('two'),
    ]);
  });

  it('leaves the others alone when one does not come back', async () => {
    const { code, stderr, asked } = await restart(`case $1 in ${REPLICAS} inspect) echo starting ;; esac`);
    expect(code).toBe(1);
    expect(stderr).toContain('one is not ready');
    expect(asked).not.toContain('restart -t 60 two');
  });

  it('says that there is none', async () => {
    expect(await restart('true')).toMatchObject({ code: 1, stderr: 'No replica runs.\n' });
  });
});
