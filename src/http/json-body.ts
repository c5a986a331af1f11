/** Bodies of `/mcp`: JSON in strict UTF-8, nothing else. A byte that is not UTF-8 is refused, never replaced. */
import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.js';

export function acceptJsonBodies(app: FastifyInstance): void {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  // Fastify's own parser refuses `__proto__` and `constructor.prototype` keys.
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    let text: string;
    try {
      text = utf8.decode(body);
    } catch (cause) {
      done(new AppError('invalid_encoding', undefined, { cause }), undefined);
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
