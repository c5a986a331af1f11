/** Fails when a relative link in a Markdown file of the project leads to no file, or to no heading of it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const IGNORED = new Set(['node_modules', 'dist', 'data', 'coverage', '.git']);

/** @param {string} folder @returns {string[]} */
const markdownBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return IGNORED.has(entry.name) ? [] : markdownBelow(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });

/** @param {string} text */
const withoutCode = (text) => text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');

/** The anchors of the headings, as the usual renderers make them. @param {string} path */
const anchorsOf = (path) =>
  [
    ...readFileSync(path, 'utf8')
      .replace(/^(```|~~~)[\s\S]*?^\1/gm, '')
      .matchAll(/^#+ +(.+?) *#*$/gm),
  ].map(([, heading = '']) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** @param {string} path @param {string} link */
function fault(path, link) {
  if (/^[a-z][a-z+.-]*:/i.test(link)) return undefined;
  const [file = '', anchor] = decodeURI(link).split('#', 2);
  const target = file === '' ? path : join(dirname(path), file);
  if (!existsSync(target)) return 'no such file';
  if (anchor === undefined || !target.endsWith('.md')) return undefined;
  return anchorsOf(target).includes(anchor) ? undefined : 'no such heading';
}

for (const path of markdownBelow(root)) {
  const text = withoutCode(readFileSync(path, 'utf8'));
  for (const [, link = ''] of text.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)) {
    const problem = fault(path, link);
    if (problem === undefined) continue;
    process.stderr.write(`${relative(root, path)}: ${link}: ${problem}\n`);
    process.exitCode = 1;
  }
}
