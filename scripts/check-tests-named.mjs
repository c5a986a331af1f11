/**
 * Fails when these documents name a test that there is not. A name is a file, alone or with a title: `path` or
 * `path › title`; the title must stand in that file as a whole text between quotation marks.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const DOCUMENTS = ['docs/OUTAGES.md', 'docs/SECURITY.md', 'docs/SECURITY-AUDIT.md', 'docs/UPSTREAM.md'];
const NAMED = /`((?:test|bench)\/[^`›\n]+?)(?: › ([^`\n]+))?`/g;

/** @param {string} source @param {string} title */
const holds = (source, title) =>
  ["'", '"', '`'].some((mark) => source.includes(mark + title.replaceAll(mark, `\\${mark}`) + mark));

/** @param {string} path @param {string | undefined} title */
function fault(path, title) {
  const file = join(root, path);
  if (!existsSync(file)) return 'no such file';
  return title === undefined || holds(readFileSync(file, 'utf8'), title) ? undefined : `no test "${title}"`;
}

for (const document of DOCUMENTS) {
  const named = [...readFileSync(join(root, document), 'utf8').matchAll(NAMED)];
  const problems = named.flatMap(
    ([, path = '', title]) => fault(path, title)?.replace(/^/, `${path}: `) ?? [],
  );
  if (named.length === 0) problems.push('names no test');
  for (const problem of problems) {
    process.stderr.write(`${document}: ${problem}\n`);
    process.exitCode = 1;
  }
}
