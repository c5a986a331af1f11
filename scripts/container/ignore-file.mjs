/** What a `.dockerignore` lets into the build, for the plain patterns that an allow-list needs; others are refused. */
import { readFileSync } from 'node:fs';

/**
 * The last line that matches a path, or a folder above it, decides.
 * @param {string} file @returns {(path: string) => boolean} whether a path below the context, written with `/`, is let in
 */
export function readIgnoreFile(file) {
  const rules = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const lets = line.startsWith('!');
      const pattern = lets ? line.slice(1) : line;
      if (pattern !== '*' && !/^[\w.-]+(\/[\w.-]+)*$/.test(pattern)) {
        throw new Error(`.dockerignore: "${line}" is not understood.`);
      }
      return { lets, pattern };
    });
  return (path) => {
    const last = rules.findLast(
      ({ pattern }) => pattern === '*' || path === pattern || path.startsWith(`${pattern}/`),
    );
    return last?.lets ?? true;
  };
}
