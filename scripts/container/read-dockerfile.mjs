/**
 * A Dockerfile as stages of plain steps. Only what our own file needs is understood; everything else is refused, so
 * that a replay never passes over a step that a real build would take.
 */
import { DockerfileParser } from 'dockerfile-ast';

/**
 * @typedef {{ keyword: string, line: number, args: string[], text: string, flags: Record<string, string> }} Step
 * @typedef {{ base: string, name: string | undefined, steps: Step[] }} Stage
 */

/** Flags that are understood, by instruction. @type {Record<string, string[]>} */
const FLAGS = { COPY: ['from'], HEALTHCHECK: ['interval', 'timeout', 'start-period', 'retries'] };

const KEYWORDS = [
  ...['ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'FROM', 'HEALTHCHECK', 'LABEL', 'RUN'],
  ...['STOPSIGNAL', 'USER', 'WORKDIR'],
];

/** @param {string} text @returns {Stage[]} @throws {Error} for an instruction or a flag that is not understood */
export function readDockerfile(text) {
  const parsed = DockerfileParser.parse(text);
  if (parsed.getDirectives().length > 0) throw new Error('Dockerfile: directives are not understood.');
  /** @type {Stage[]} */
  const stages = [];
  for (const instruction of parsed.getInstructions()) {
    const step = stepOf(instruction);
    if (step.keyword === 'FROM') {
      const [base = '', as, name, ...more] = step.args;
      if (more.length > 0 || (as !== undefined && as !== 'AS')) throw refused(step, 'this form');
      stages.push({ base, name, steps: [] });
    } else {
      const stage = stages.at(-1);
      if (stage === undefined) throw refused(step, 'before the first stage');
      stage.steps.push(step);
    }
  }
  return stages;
}

/** @param {import('dockerfile-ast').Instruction} instruction @returns {Step} */
function stepOf(instruction) {
  const keyword = instruction.getKeyword();
  const step = {
    keyword,
    line: instruction.getRange().start.line + 1,
    args: instruction.getArguments().map((argument) => argument.getValue()),
    text: instruction.getArgumentsContent() ?? '',
    flags: flagsOf(instruction),
  };
  if (!KEYWORDS.includes(keyword)) throw refused(step, 'the instruction');
  const unknown = Object.keys(step.flags).find((flag) => !FLAGS[keyword]?.includes(flag));
  if (unknown !== undefined) throw refused(step, `--${unknown}`);
  if (step.text.includes('<<')) throw refused(step, 'a document in the place of a file');
  return step;
}

/** @param {import('dockerfile-ast').Instruction} instruction @returns {Record<string, string>} */
function flagsOf(instruction) {
  if (!('getFlags' in instruction) || typeof instruction.getFlags !== 'function') return {};
  /** @type {import('dockerfile-ast').Flag[]} */
  const flags = instruction.getFlags();
  return Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? '']));
}

/** @param {Pick<Step, 'keyword' | 'line'>} step @param {string} what */
export const refused = ({ keyword, line }, what) =>
  new Error(`Dockerfile line ${line}: ${keyword}: ${what} is not understood.`);

/** The list of an instruction in exec form. @param {Step} step @param {string} [text] @returns {string[]} */
export function execForm(step, text = step.text) {
  /** @type {unknown} */
  let list;
  try {
    list = JSON.parse(text);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
  }
  if (!Array.isArray(list) || !list.every((part) => typeof part === 'string')) {
    throw refused(step, 'a form other than ["program", "argument"]');
  }
  return list;
}

/** `NAME=value` pairs; a value holds no variable unless `variables` has it. @param {Step} step @param {Record<string, string>} [variables] */
export function pairsOf(step, variables = {}) {
  const pairs = [...step.text.matchAll(/([\w.-]+)=(?:"([^"\\]*)"|([^\s"'\\]+))(?:\s+|$)/g)];
  if (pairs.map(([whole]) => whole).join('') !== step.text) throw refused(step, 'this form');
  return Object.fromEntries(
    pairs.map(([, name = '', quoted, bare]) => [
      name,
      (quoted ?? bare ?? '').replace(/\$\{?(\w+)\}?/g, (_all, variable) => {
        const value = variables[variable];
        if (value === undefined) throw refused(step, `the variable ${variable}`);
        return value;
      }),
    ]),
  );
}
