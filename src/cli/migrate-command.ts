import { Command } from 'commander';
import { readConfig } from '../app/read-config.js';
import { AppError } from '../errors.js';
import { DatabaseUnfit } from '../storage/postgres-unfit.js';

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring the schema of Postgres up to this release, and grant the service its roles')
    .action(async () => {
      const { database } = readConfig(process.env);
      if (database.kind === 'embedded') {
        throw new AppError('invalid_argument', 'There is nothing to migrate: DATABASE_URL is not set.', {
          hint: 'The embedded database migrates itself when the server starts.',
        });
      }
      const { url, migrateUrl } = database;
      if (migrateUrl === undefined) {
        throw new AppError('invalid_argument', 'MIGRATE_DATABASE_URL is not set.', {
          hint: 'It names the database as the role that owns it and may create roles.',
        });
      }
      const { migratePostgres } = await import('../storage/postgres-migrate.js');
      const done = await migratePostgres({ migrateUrl: migrateUrl.reveal(), serviceUrl: url.reveal() });
      process.stdout.write(`The database has schema ${done.schema}; ${done.serviceRole} may work on it.\n`);
      if (done.problems.length > 0) {
        throw new DatabaseUnfit(
          `The server will not start with the role "${done.serviceRole}". ${done.problems.join(' ')}`,
        );
      }
    });
}
