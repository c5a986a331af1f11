/**
 * What the address of `/mcp` may say: `/mcp/{store}?toolsets=a,b&exclude=c&readonly=true`. These options make a connection
 * safer, so one that is not understood is refused, never passed over. Only the form is judged here: which names exist and
 * what the key allows is decided where the catalogue and the stores are.
 */
import { AppError } from '../errors.js';
import type { Narrowing } from '../mcp/scopes/effective-tools.js';

export interface UrlOptions {
  /** Name or Order Desk id of the one store that this request is bound to. */
  readonly store: string | undefined;
  readonly narrowing: Narrowing;
}

const KNOWN = ['toolsets', 'exclude', 'readonly'];
const LONGEST_QUERY = 2_000;
const LONGEST_STORE = 200;
const MOST_NAMES = 50;
const NAME = /^[a-zA-Z][\w-]{0,63}$/;

const EXAMPLE = 'Such as /mcp/My%20store?toolsets=default&exclude=get_order&readonly=true.';

/**
 * @param url as it stands in the request line
 * @throws AppError `invalid_argument` that names the parameter, `route_not_found` for another address
 */
export function parseUrlOptions(url: string): UrlOptions {
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const given = parseQuery(at < 0 ? '' : url.slice(at + 1));
  const toolsets = given.get('toolsets');
  const exclude = given.get('exclude');
  const readonly = given.get('readonly');
  if (readonly !== undefined && readonly !== 'true') {
    throw problem('readonly', 'must be true', 'Leave it out for what the key allows.');
  }
  return {
    store: parseStore(path),
    narrowing: {
      toolsets: toolsets === undefined ? undefined : parseNames('toolsets', toolsets),
      exclude: exclude === undefined ? [] : parseNames('exclude', exclude),
      readOnly: readonly === 'true',
    },
  };
}

/** A path that is not well-formed does not reach the parser: Fastify finds no route for it. */
export const malformedPath = (): AppError =>
  problem('store', 'is not percent-encoded UTF-8', 'Encode the name, as encodeURIComponent does.');

function parseStore(path: string): string | undefined {
  if (path === '/mcp') return undefined;
  if (!path.startsWith('/mcp/')) throw new AppError('route_not_found');
  const encoded = path.slice('/mcp/'.length);
  if (encoded.includes('/'))
    throw problem('store', 'is one part of the path', 'Write a slash in a name as %2F.');
  const store = decode(encoded);
  if (store === undefined) throw malformedPath();
  if (store.trim() === '')
    throw problem('store', 'is empty', 'Name a store, or send to /mcp for all of them.');
  if (store.length > LONGEST_STORE) throw problem('store', `is longer than ${LONGEST_STORE} characters`);
  return store;
}

function parseQuery(query: string): ReadonlyMap<string, string> {
  if (query.length > LONGEST_QUERY) {
    throw problem('The query', `is longer than ${LONGEST_QUERY} characters`);
  }
  const given = new Map<string, string>();
  for (const part of query === '' ? [] : query.split('&')) {
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? '' : decode(part.slice(equals + 1));
    if (name === undefined || !KNOWN.includes(name)) throw unknown(name);
    if (given.has(name)) throw problem(name, 'is given twice', 'Give it once, with commas between names.');
    if (value === undefined) throw problem(name, 'is not percent-encoded UTF-8');
    if (value === '') throw problem(name, 'is empty', 'Give it a value, or leave it out.');
    given.set(name, value);
  }
  return given;
}

function parseNames(parameter: string, value: string): readonly string[] {
  const names = value.split(',');
  if (names.length > MOST_NAMES) throw problem(parameter, `has more than ${MOST_NAMES} names`);
  if (names.some((name) => !NAME.test(name))) {
    throw problem(parameter, 'must be names with commas between them, without spaces');
  }
  return names;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (thrown) {
    if (thrown instanceof URIError) return undefined;
    throw thrown;
  }
}

const problem = (parameter: string, what: string, remedy = 'Shorten or correct it.'): AppError =>
  new AppError('invalid_argument', `${parameter}: ${what}.`, {
    field: parameter,
    hint: `${remedy} ${EXAMPLE}`,
  });

/** A made-up name is quoted back only where it looks like one. */
const unknown = (name = ''): AppError =>
  new AppError('invalid_argument', `Unknown parameter in the address${NAME.test(name) ? `: ${name}` : ''}.`, {
    hint: `Known: ${KNOWN.join(', ')}. ${EXAMPLE}`,
  });
