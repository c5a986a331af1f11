/** The page on configuration: what holds for all variables, the profiles, and one entry for each variable. */
import { AFTER_VARIABLES, BEFORE_VARIABLES, PROFILE_RULES } from './prose.mjs';

/** @typedef {'development' | 'staging' | 'production' | 'test'} Profile */

/**
 * @typedef {object} Variable
 * @property {string} group
 * @property {string} form
 * @property {string} description
 * @property {string} [default]
 * @property {Partial<Record<Profile, string>>} [defaultIn]
 * @property {string} [example]
 * @property {true} [secret]
 * @property {true} [lowerCaseToo]
 * @property {string} [make]
 * @property {true} [safety]
 * @property {readonly Profile[]} [requiredIn]
 * @property {string} [unless]
 */

/**
 * @typedef {object} Table
 * @property {readonly string[]} GROUPS
 * @property {readonly Profile[]} PROFILES
 * @property {readonly (readonly [string, Variable])[]} variableList
 * @property {(entry: Variable, profile: Profile) => string | undefined} defaultOf
 */

/** @param {Table} table */
export function configurationPage(table) {
  return `${[
    '# Configuration',
    '',
    '<!-- Generated from src/config/variables.ts by "npm run docs:build". Do not edit. -->',
    '',
    BEFORE_VARIABLES,
    '',
    '## The profiles',
    '',
    ...profiles(table),
    '',
    '## The variables',
    '',
    ...table.GROUPS.flatMap((group) => [`- [${group}](#${anchorOf(group)}): ${named(table, group)}`]),
    '',
    ...table.GROUPS.flatMap((group) => groupSection(table, group)),
    AFTER_VARIABLES,
  ].join('\n')}\n`;
}

/** @param {string} heading */
const anchorOf = (heading) => heading.toLowerCase().replaceAll(' ', '-');

/** @param {string} text */
const code = (text) => `\`${text}\``;

/** @param {Table} table @param {string} group */
const entriesOf = (table, group) => table.variableList.filter(([, entry]) => entry.group === group);

/** @param {Table} table @param {string} group */
const named = (table, group) =>
  entriesOf(table, group)
    .map(([name]) => `[${code(name)}](#${anchorOf(name)})`)
    .join(', ');

/** @param {Table} table */
function profiles({ PROFILES, variableList, defaultOf }) {
  const required = variableList.filter(([, { requiredIn }]) => requiredIn !== undefined);
  const differing = variableList.filter(
    ([, entry]) => new Set(PROFILES.map((profile) => defaultOf(entry, profile))).size > 1,
  );
  /** @param {string} words @param {(profile: Profile) => string} cell */
  const row = (words, cell) => `| ${[words, ...PROFILES.map(cell)].join(' | ')} |`;
  return [
    `| ${['', ...PROFILES].join(' | ')} |`,
    `|${' --- |'.repeat(PROFILES.length + 1)}`,
    ...PROFILE_RULES.map(({ what, ...cells }) => row(what, (profile) => cells[profile])),
    ...required.map(([name, { requiredIn, unless }]) =>
      row(`${code(name)} is`, (profile) => {
        if (!requiredIn?.includes(profile)) return 'optional';
        return unless === undefined ? 'required' : `required, unless ${code(`${unless}=1`)}`;
      }),
    ),
    ...differing.map(([name, entry]) =>
      row(`default of ${code(name)}`, (profile) => {
        const value = defaultOf(entry, profile);
        return value === undefined ? 'none' : code(value);
      }),
    ),
  ];
}

/** @param {Table} table @param {string} group */
function groupSection(table, group) {
  return [`### ${group}`, '', ...entriesOf(table, group).flatMap((named) => entrySection(table, ...named))];
}

/** @param {Table} table @param {string} name @param {Variable} entry */
function entrySection(table, name, entry) {
  const facts = [
    `Form: ${entry.form}.`,
    `Default: ${defaults(table, entry)}.`,
    ...(entry.requiredIn === undefined ? [] : [demand(entry.requiredIn, entry.unless)]),
    ...(entry.secret ? [`Secret: also accepted as ${code(`${name}_FILE`)}, and shown nowhere.`] : []),
    ...(entry.lowerCaseToo
      ? [`A name of other programs too: also accepted as ${code(name.toLowerCase())}.`]
      : []),
    ...(entry.safety ? ['Safety: a name that nearly is this one stops the start.'] : []),
    ...(entry.example === undefined ? [] : [`Example: ${code(`${name}=${entry.example}`)}`]),
    ...(entry.make === undefined ? [] : [`Make one: ${code(entry.make)}`]),
  ];
  return [`#### ${name}`, '', entry.description, '', ...facts.map((fact) => `- ${fact}`), ''];
}

/** @param {readonly Profile[]} requiredIn @param {string | undefined} unless */
const demand = (requiredIn, unless) =>
  `Required in ${requiredIn.join(' and ')}${unless === undefined ? '' : `, unless ${code(`${unless}=1`)} accepts to go without`}.`;

/** @param {Table} table @param {Variable} entry */
function defaults({ PROFILES, defaultOf }, entry) {
  const values = new Map(PROFILES.map((profile) => [profile, defaultOf(entry, profile)]));
  const usual = values.get('development');
  const others = PROFILES.filter((profile) => values.get(profile) !== usual).map(
    (profile) => `${code(values.get(profile) ?? '')} in ${profile}`,
  );
  return [usual === undefined ? 'none' : code(usual), ...others].join('; ');
}
