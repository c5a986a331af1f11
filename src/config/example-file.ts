/** The example file of a profile, written from the table of variables. No value in it is usable as a secret. */
import { CHECKLISTS, type Checklist } from './checklists.js';
import { defaultOf, GROUPS, type Profile, type Variable, variableList } from './variables.js';

export const EXAMPLE_PROFILES = [
  'development',
  'staging',
  'production',
] as const satisfies readonly Profile[];
export type ExampleProfile = (typeof EXAMPLE_PROFILES)[number];

const WIDTH = 100;

const ADVICE: Readonly<Record<ExampleProfile, string>> = {
  development: 'Nothing has to be filled in: as it stands, the server starts as a demo on this machine.',
  staging: 'Fill in what the rehearsal needs. Key material that is not given is made in DATA_DIR/secrets.',
  production:
    'Fill in every line that is not commented out. At start the server lists all that it misses, including the overrides it asks for. What is commented out is as good as its default.',
};

export function renderExample(profile: ExampleProfile): string {
  const head = [
    `Settings of orderdesk-mcp for ${profile}.`,
    ADVICE[profile],
    'Copy this file to .env and start with: node --env-file=.env dist/main.js',
    'Generated from src/config/variables.ts by "npm run docs:build". Do not edit.',
  ].flatMap((text) => comment(text));
  const checklists = CHECKLISTS[profile].flatMap(renderChecklist);
  const groups = GROUPS.flatMap((group) => renderGroup(group, profile));
  return `${[...head, ...checklists, ...groups].join('\n')}\n`;
}

function renderChecklist({ when, items }: Checklist): string[] {
  const lines = items.flatMap((item) =>
    item.startsWith('$ ') ? [`#       ${item.slice(2)}`] : comment(`[ ] ${item}`, '#     '),
  );
  return ['#', `# ${when}:`, ...lines];
}

function renderGroup(group: Variable['group'], profile: ExampleProfile): string[] {
  const entries = variableList.filter(
    ([, entry]) => entry.group === group && entry.shownIn.includes(profile),
  );
  if (entries.length === 0) return [];
  const blocks = entries.flatMap(([name, entry]) => ['', ...renderVariable(name, entry, profile)]);
  return ['', `# ----- ${group} -----`, ...blocks];
}

function renderVariable(name: string, entry: Variable, profile: ExampleProfile): string[] {
  const standard = defaultOf(entry, profile);
  const setting =
    name === 'NODE_ENV'
      ? `${name}=${profile}`
      : entry.requiredIn?.includes(profile)
        ? `${name}=`
        : `# ${name}=${standard ?? ''}`;
  return [
    ...comment(entry.description),
    ...comment(`Form: ${entry.form}.${standard === undefined ? '' : ` Default: ${standard}.`}`),
    ...(entry.example === undefined ? [] : comment(`Example: ${entry.example}`)),
    // A command is not wrapped, so that it can be copied.
    ...(entry.make === undefined ? [] : [`# Make one: ${entry.make}`]),
    setting,
    ...(entry.secret ? [`# or, from a file: ${name}_FILE=/run/secrets/${name.toLowerCase()}`] : []),
  ];
}

/** Text as comment lines, broken between words; all but the first begin with `next`. */
function comment(text: string, next = '#'): string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line.length > next.length && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = next;
    }
    line = `${line} ${word}`;
  }
  return [...lines, line];
}
