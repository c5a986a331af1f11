/** What the environment gives: empty values dropped, secrets read from the files that NAME_FILE names. */
import type { ConfigProblem } from './problems.js';
import { type VariableName, variableList } from './variables.js';

/** Reads a file as UTF-8 text. Throws an Error, with a `code` where the system gave one. */
export type ReadFile = (path: string) => string;

export interface Given {
  readonly values: ReadonlyMap<VariableName, string>;
  readonly problems: readonly ConfigProblem[];
}

/** @param env the environment without its empty values */
export function readGiven(env: ReadonlyMap<string, string>, readFile: ReadFile): Given {
  const values = new Map<VariableName, string>();
  const problems: ConfigProblem[] = [];
  for (const [name, entry] of variableList) {
    const lower = entry.lowerCaseToo ? env.get(name.toLowerCase()) : undefined;
    const inline = env.get(name) ?? lower;
    const file = entry.secret ? env.get(`${name}_FILE`) : undefined;
    if (lower !== undefined && inline !== lower) {
      problems.push({
        variable: name,
        problem: `is set, and so is ${name.toLowerCase()} to something else`,
        remedy: 'Keep one of the two.',
      });
    }
    if (inline !== undefined && file !== undefined) {
      problems.push({
        variable: name,
        problem: `is set, and so is ${name}_FILE`,
        remedy: 'Keep one of the two.',
      });
    } else if (file !== undefined) {
      const read = readSecret(file, readFile);
      if ('text' in read) values.set(name, read.text);
      else problems.push({ variable: `${name}_FILE`, ...read });
    } else if (inline !== undefined) {
      values.set(name, inline);
    }
  }
  return { values, problems };
}

/** The path is not repeated: a secret given in the place of its path would be printed. */
function readSecret(path: string, readFile: ReadFile): { text: string } | Omit<ConfigProblem, 'variable'> {
  let text: string;
  try {
    text = readFile(path).replace(/\r?\n$/, '');
  } catch (thrown) {
    // Any failure to read means the same to the operator; the code tells which it was.
    const code = thrown instanceof Error && 'code' in thrown ? ` (${String(thrown.code)})` : '';
    return {
      problem: `names a file that cannot be read${code}`,
      remedy: 'Give the path of a file that the service may read.',
    };
  }
  return text.trim() === ''
    ? { problem: 'names an empty file', remedy: 'Write the secret into the file.' }
    : { text };
}
