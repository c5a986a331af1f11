/**
 * Bodies of `/mcp`: JSON in strict UTF-8, nothing else. A byte that is not UTF-8 is refused, never replaced, and so is
 * a body that says it is packed or in another encoding.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { exceededLimit, MOST_LEVELS, MOST_VALUES } from './json-limits.js';

export function acceptJsonBodies(app: FastifyInstance): void {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  // Fastify's own parser refuses `__proto__` and `constructor.prototype` keys.
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const problem = encodingProblem(request);
    if (problem !== undefined) {
      done(problem, undefined);
      return;
    }
    let text: string;
    try {
      text = utf8.decode(body);
    } catch (cause) {
      done(new AppError('invalid_encoding', undefined, { cause }), undefined);
      return;
    }
    const limit = exceededLimit(text);
    if (limit !== undefined) {
      done(tooComplex(limit), undefined);
      return;
    }
    parseJson(request, text, (error, value) => {
      if (error === null) done(null, value);
      else
        done(
          new AppError('malformed_json', 'The body is not valid JSON. Send one JSON-RPC message.'),
          undefined,
        );
    });
  });
}

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/i;

function encodingProblem({ headers }: FastifyRequest): AppError | undefined {
  const packing = headers['content-encoding'] ?? 'identity';
  if (packing.toLowerCase() !== 'identity') {
    return new AppError('unsupported_media_type', 'A packed body is not accepted.', {
      hint: 'Send the body as it is, without Content-Encoding.',
    });
  }
  const charset = CHARSET.exec(headers['content-type'] ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  if (charset === 'utf-8' || charset === 'utf8') return undefined;
  return new AppError('unsupported_media_type', 'The body must be UTF-8.', {
    hint: 'Send it as Content-Type: application/json, encoded in UTF-8.',
  });
}

const tooComplex = (limit: 'levels' | 'values'): AppError =>
  new AppError(
    'invalid_request',
    limit === 'levels'
      ? `The body is nested deeper than ${MOST_LEVELS} levels.`
      : `The body holds more than ${MOST_VALUES} values.`,
    { hint: limit === 'levels' ? 'Send it flatter.' : 'Send it in parts.' },
  );
