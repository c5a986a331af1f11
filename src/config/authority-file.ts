/** NODE_EXTRA_CA_CERTS: Node.js only warns of a file that it cannot use, and every call then fails by its certificate. */
import type { ReadFile } from './given.js';
import type { ConfigProblem } from './problems.js';

/** @param path the variable's value */
export function authorityFileProblem(
  path: string | undefined,
  readFile: ReadFile,
): ConfigProblem | undefined {
  if (path === undefined) return undefined;
  const problem = problemOf(path, readFile);
  return problem === undefined
    ? undefined
    : {
        variable: 'NODE_EXTRA_CA_CERTS',
        problem,
        remedy: 'Give the path of a file of PEM certificates that the service may read.',
      };
}

function problemOf(path: string, readFile: ReadFile): string | undefined {
  let text: string;
  try {
    text = readFile(path);
  } catch (thrown) {
    // Any failure to read means the same to the operator; the code tells which it was.
    const code = thrown instanceof Error && 'code' in thrown ? ` (${String(thrown.code)})` : '';
    return `names a file that cannot be read${code}`;
  }
  return text.includes('-----BEGIN CERTIFICATE-----') ? undefined : 'names a file without a PEM certificate';
}
