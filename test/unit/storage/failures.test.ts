import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { storageError } from '../../../src/storage/failures.js';

/** The shape in which Postgres drivers report an error of the server. */
const serverError = (code: string, message = 'something') =>
  Object.assign(new Error(message), {
    code,
    severity: 'ERROR',
    params: ['a secret'],
    detail: 'Key (name)=(a secret)',
  });

describe('a failure of the driver', () => {
  it.each([
    ['23505', 'conflict'],
    ['23503', 'internal'],
    ['42501', 'internal'],
    ['42601', 'internal'],
    ['22P02', 'internal'],
    ['25P02', 'internal'],
    ['08006', 'storage_unavailable'],
    ['53100', 'storage_unavailable'],
    ['53300', 'storage_unavailable'],
    ['57P01', 'storage_unavailable'],
    ['40P01', 'storage_unavailable'],
    ['58030', 'storage_unavailable'],
    ['XX001', 'storage_unavailable'],
  ])('with SQLSTATE %s becomes %s', (sqlState, code) => {
    const error = storageError(serverError(sqlState));
    expect(error).toMatchObject({ code, cause: { code: sqlState } });
  });

  it.each(['ECONNREFUSED', 'EPIPE', 'ENOSPC'])('of the system (%s) becomes storage_unavailable', (code) => {
    const error = storageError(Object.assign(new Error('system'), { code }));
    expect(error).toMatchObject({ code: 'storage_unavailable', cause: { code, message: 'system' } });
    expect(error.retryAfterS).toBe(5);
  });

  it('that is no Error at all becomes storage_unavailable', () => {
    expect(storageError('abort')).toMatchObject({ code: 'storage_unavailable', cause: { message: 'abort' } });
  });

  it('that is an AppError already stays as it is', () => {
    const error = new AppError('conflict', 'Taken.');
    expect(storageError(error)).toBe(error);
  });

  it('loses what may hold data: parameters, detail, and the message of a data exception', () => {
    const { cause } = storageError(serverError('22P02', 'invalid input syntax for type uuid: "a secret"'));
    expect(cause).toMatchObject({ code: '22P02', message: 'invalid data' });
    const unique = storageError(serverError('23505', 'duplicate key value')).cause;
    expect(JSON.stringify({ ...Object(unique) })).not.toContain('a secret');
  });
});
