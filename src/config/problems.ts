/** What is wrong with the environment, said once and completely. Values are never quoted: any of them may be a secret. */

export interface ConfigProblem {
  readonly variable: string;
  /** Continues the variable's name: "is not a whole number from 0 to 65535". */
  readonly problem: string;
  /** What to do about it, as a sentence. */
  readonly remedy: string;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    super(
      [`The configuration has ${count}:`, ...problems.map((problem) => `- ${describe(problem)}`)].join('\n'),
    );
    this.problems = problems;
  }
}

export const describe = ({ variable, problem, remedy }: ConfigProblem): string =>
  `${variable} ${problem}. ${remedy}`;
