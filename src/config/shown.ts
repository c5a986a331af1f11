/** The configuration in a form that may be shown: the table of variables says what is a secret. */
import { defaultOf, type Profile, type VariableName, variableList } from './variables.js';

/**
 * A text for every variable: its value, or the default that stands in for it, or `not set`. Of a secret only whether
 * it is set.
 * @param given the variables that were set, as text
 */
export function shownSettings(
  profile: Profile,
  given: ReadonlyMap<VariableName, string>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    variableList.map(([name, entry]) => {
      const value = given.get(name);
      if (entry.secret) return [name, value === undefined ? 'not set' : 'set'];
      return [name, withoutCredentials(value ?? defaultOf(entry, profile) ?? 'not set')];
    }),
  );
}

/** No variable with an address takes a password in it unless it is a secret as a whole; should one ever, it goes. */
const withoutCredentials = (text: string): string => text.replace(/(:\/\/)[^/@\s]*@/g, '$1');
