import { ConfigError } from '../config.js';
import { AppError } from '../errors.js';
import { DataDirInUse } from '../storage/data-dir-lock.js';
import { DatabaseUnfit } from '../storage/postgres-unfit.js';

/** Failures whose message says what to do; anything else is a fault and shows its stack. */
export const isForTheOperator = (thrown: unknown): thrown is Error =>
  thrown instanceof AppError ||
  thrown instanceof ConfigError ||
  thrown instanceof DataDirInUse ||
  thrown instanceof DatabaseUnfit;

/** Message and hint in one line; some messages end with their hint already. */
export const operatorText = (thrown: Error): string =>
  thrown instanceof AppError && thrown.hint !== undefined && !thrown.message.includes(thrown.hint)
    ? `${thrown.message} ${thrown.hint}`
    : thrown.message;
