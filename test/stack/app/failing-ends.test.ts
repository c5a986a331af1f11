/** Ends and starts that go wrong say so before the process is gone. Needs `npm run build`. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startProgram } from '../../support/running-program.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** Seconds; the longest that can be set. */
const DRAIN_DELAY = 120;

/** The program with a piece of code that runs in it before its own. */
async function programWith(code: string, env: NodeJS.ProcessEnv = {}) {
  const folder = await temporaryFolder();
  const module = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;
  return startProgram(folder, { NODE_OPTIONS: `--import=${module}`, ...env });
}

const linesOf = (stdout: string): readonly { level: string; msg: string; err?: { message: string } }[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

/** No port can be given up; the socket of the command line can, which is no port. */
const STUCK = `
  import { Server } from 'node:net';
  const { close } = Server.prototype;
  Server.prototype.close = function (done) {
    if (typeof this.address() === 'string') return close.call(this, done);
    throw new Error('stuck with Bearer abcdefghijklmnop');
  };
`;

/** A defect when the window changes its size, which means nothing to the server. */
const DEFECT = `
  process.on('SIGWINCH', () => { Promise.reject(new Error('a defect with Bearer abcdefghijklmnop')); });
`;

describe('a shutdown', () => {
  it('says "uncaught" when a defect ends it', async () => {
    const program = await programWith(DEFECT, { MCP_DRAIN_DELAY: `${DRAIN_DELAY}` });
    onTestFinished(async () => {
      await program.stop('SIGKILL');
    });
    program.process.kill('SIGTERM');
    await expect.poll(() => program.output().stdout).toContain('shutting down');
    expect(await program.stop('SIGWINCH')).toBe(1);
    const { stdout } = program.output();
    expect(linesOf(stdout).at(-1)).toMatchObject({
      level: 'fatal',
      msg: 'uncaught',
      err: { message: expect.stringMatching(/^a defect/) },
    });
    expect(stdout).not.toContain('abcdefghijklmnop');
  });

  it('says that it failed, and with what', async () => {
    const program = await programWith(STUCK);
    expect(await program.stop()).toBe(1);
    const { stdout } = program.output();
    expect(linesOf(stdout).at(-1)).toMatchObject({
      level: 'fatal',
      msg: 'the shutdown failed',
      err: { message: expect.stringMatching(/^stuck/) },
    });
    expect(stdout).not.toContain('abcdefghijklmnop');
  });
});

describe('a start whose port is taken', () => {
  async function takenPort() {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      other.close();
    });
    await once(other, 'listening');
    const address = other.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return { PORT: `${address.port}`, MCP_HOST: '127.0.0.1', MCP_DRAIN_DELAY: `${DRAIN_DELAY}` };
  }

  it('says so at once: nobody has to be given time to leave', async () => {
    const env = await takenPort();
    const begun = performance.now();
    await expect(programWith('', env)).rejects.toThrow(/is in use\. Choose another port with PORT\./);
    expect(performance.now() - begun).toBeLessThan(DRAIN_DELAY * 1_000);
  });

  it('says so also when what it had opened does not close', async () => {
    const env = await takenPort();
    const words = await programWith(STUCK, env).catch((thrown: unknown) => String(thrown));
    expect(words).toMatch(/is in use\. Choose another port with PORT\./);
    expect(words).toMatch(/"message":"stuck .*"msg":"a start that failed did not close"/);
    expect(words).not.toContain('abcdefghijklmnop');
  });
});
