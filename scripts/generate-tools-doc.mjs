/**
 * Writes `docs/TOOLS.md` from the definitions of the build and from real calls to it. With `--check` it writes nothing
 * and fails when the file differs from what would be written. Fails also when a tool has no example, or one of them no answer.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { ERROR_EXAMPLE, EXAMPLES, MASKED_EXAMPLE } from './tools-doc/examples.mjs';
import { toolsPage } from './tools-doc/page.mjs';
import { openStage } from './tools-doc/run-examples.mjs';

const page = new URL('../docs/TOOLS.md', import.meta.url);

/** @param {Awaited<ReturnType<typeof openStage>>} stage */
async function contentOf(stage) {
  const { tools, boundTools, otherTools } = stage;
  const bare = [...tools, ...otherTools].filter(({ name }) => !EXAMPLES.some(({ tool }) => tool === name));
  if (bare.length > 0) throw new Error(`No example of ${bare.map(({ name }) => name).join(', ')}.`);
  /** @type {import('./tools-doc/run-examples.mjs').Run[]} */
  const runs = [];
  for (const example of EXAMPLES) runs.push(await stage.run(example, runs.at(-1)));
  return {
    tools,
    boundTools,
    otherTools,
    runs,
    masked: await stage.run(MASKED_EXAMPLE, undefined),
    error: await stage.run(ERROR_EXAMPLE, undefined),
  };
}

const stage = await openStage();
const text = toolsPage(await contentOf(stage).finally(stage.close));

if (!process.argv.includes('--check')) {
  writeFileSync(page, text);
} else if (readFileSync(page, 'utf8') !== text) {
  process.stderr.write('docs/TOOLS.md is out of date: run "npm run docs:build" and commit it.\n');
  process.exitCode = 1;
}
