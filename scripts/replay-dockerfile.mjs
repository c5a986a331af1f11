/**
 * Replays docker/Dockerfile without a container engine, starts the result and prints its size. The settings of the
 * server are those of the environment: node --env-file=.env scripts/replay-dockerfile.mjs
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { imageFolder, replayImage } from './container/replay-image.mjs';
import { startImage } from './container/run-image.mjs';

const target = imageFolder(mkdtempSync(join(tmpdir(), 'orderdesk-mcp-image-')));
try {
  const { image, files, bytes } = await replayImage(target, fileURLToPath(new URL('..', import.meta.url)));
  process.stdout.write(`${files} files, ${(bytes / 1024 / 1024).toFixed(1)} MiB beside the base image\n`);
  const server = await startImage(image, { ...serverEnvironment(), PORT: process.env.PORT || '3000' });
  process.stdout.write(`healthy at ${server.url}\n`);
  const code = await server.stop();
  process.stdout.write(`ended with ${code}\n`);
  if (code !== 0) process.exitCode = 1;
} catch (thrown) {
  // What the Dockerfile holds that cannot be replayed, or what the server wrote before it ended: words for a person.
  if (!(thrown instanceof Error)) throw thrown;
  process.stderr.write(`${thrown.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(target, { recursive: true, force: true });
}

/** What was set for the server, less what belongs to the shell or to Node. @returns {Record<string, string>} */
function serverEnvironment() {
  const left = /^(PATH|HOME|PWD|OLDPWD|SHLVL|_|TERM|USER|LOGNAME|SHELL|LANG|NODE_.*|npm_.*|HOSTNAME)$/;
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || left.test(name) ? [] : [[name, value]],
    ),
  );
}
