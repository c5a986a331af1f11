/**
 * What is new in every answer, made the same: sealed texts, markers, ids of keys and the clock of the database become `…`,
 * pseudonyms and ids of changes get numbers.
 */

const SEALED = /"[\w-]{80,}"/g;
const MARKER = /(<\/?data-)[0-9a-f]{12}>/g;
const PSEUDONYM = /\b(name|company|mail|phone|street)-[0-9a-f]{8}\b/g;

const CHANGE = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
/** Of a row of list_changes: the day and time that Order Desk gives have no milliseconds. */
const RECORDED = /"at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/g;
/** Some are shorter than other sealed texts. */
const TOKEN = /"confirmation_token":"[\w-]+"/g;
const KID = /"kid":"\w+"/g;

/** @param {string} text */
export function withPlaceholders(text) {
  /** @type {Map<string, string>} */
  const numbered = new Map();
  const number = (/** @type {string} */ found, /** @type {string} */ kind) => {
    const known = numbered.get(found) ?? `${kind}-${String(numbered.size + 1).padStart(8, '0')}`;
    numbered.set(found, known);
    return known;
  };
  /** @type {Map<string, string>} */
  const changes = new Map();
  const change = (/** @type {string} */ found) => {
    const known =
      changes.get(found) ?? `00000000-0000-7000-8000-${String(changes.size + 1).padStart(12, '0')}`;
    changes.set(found, known);
    return known;
  };
  return text
    .replace(SEALED, '"…"')
    .replace(MARKER, '$1…>')
    .replace(PSEUDONYM, number)
    .replace(CHANGE, change)
    .replace(RECORDED, '"at":"…"')
    .replace(TOKEN, '"confirmation_token":"…"')
    .replace(KID, '"kid":"…"');
}

/** @template T @param {T} value JSON @returns {T} */
export const valueWithPlaceholders = (value) => JSON.parse(withPlaceholders(JSON.stringify(value)));
