/**
 * The health check of the container: exit code 0 when the server is ready. A file of its own since the image has no
 * curl, on Node's plain client since it runs every few seconds.
 */
import { get } from 'node:http';

const PATIENCE_MS = 2_000;

const request = get(
  {
    host: '127.0.0.1',
    port: process.env.PORT || '3000',
    path: '/health/ready',
    timeout: PATIENCE_MS,
    agent: false,
  },
  (response) => {
    response.resume();
    if (response.statusCode === 200) return;
    process.stderr.write(`not ready: status ${response.statusCode}\n`);
    process.exitCode = 1;
  },
);
request.on('timeout', () => request.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
request.on('error', (failure) => {
  process.stderr.write(`not ready: ${failure.message}\n`);
  process.exitCode = 1;
});
