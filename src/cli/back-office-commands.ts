/**
 * The commands that work on the data without the server: their options and their help. Their code is loaded when they
 * run.
 */

import { type Command, Option } from 'commander';
import { DEFAULT_DATABASE } from '../config.ts';
import { PLATFORMS } from '../domain/access/api-keys.ts';
import { ATTRIBUTE_TYPES } from '../domain/definitions/attributes.ts';
import type { CreateApplicationOptions } from './applications.ts';
import type { CreateAttributeOptions } from './attributes.ts';
import type { ImportOptions } from './audience-import.ts';
import { collect, type Done, positive } from './command-options.ts';
import type { CommonOptions } from './context.ts';
import type { MigrateOptions, RestoreOptions } from './data.ts';
import type { CreateKeyOptions, UpdateKeyOptions } from './keys.ts';
import type { CreateUserOptions } from './users.ts';

/** Adds a command with the options that all of these commands share. */
function add(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option(
      '--database <url>',
      `location of the data, sqlite:PATH (default: ROLLCALL_DATABASE, else ${DEFAULT_DATABASE})`,
    )
    .option('--json', 'print JSON');
}

export function addDefinitionCommands(program: Command, done: Done): void {
  const key = program.command('key').description('create, list, update and delete API keys');
  add(key, 'create', 'create an API key and print it, alone on one line; it cannot be shown again')
    .requiredOption('--name <name>', 'name of the key')
    .requiredOption('--expires <date>', "last day (in the Application's time zone) or RFC 3339 time")
    .option(
      '--application <name-or-id>',
      'Application the key belongs to (default: the only one, or the first live one)',
    )
    .addOption(
      new Option('--platform <platform>', 'platform that will use the key; none creates a generic key')
        .choices(PLATFORMS)
        .default('none'),
    )
    .option('--read-only', 'create a read-only generic key')
    .option('--test', 'create the Test key of an Application with campaign staging: all its calls are dry runs')
    .option('--rate-limit <number>', 'requests per second the key may make', positive)
    .option('--lenient-rows', 'apply multi-profile requests without their refused rows')
    .option('--row-reports', 'keep a report of the rows of each multi-profile request')
    .option('--skip-undefined-attributes', 'skip undefined attributes instead of refusing them')
    .action(async (options: CreateKeyOptions) => done((await import('./keys.ts')).createKey(options)));
  add(key, 'list', 'list keys, newest first').action(async (options: CommonOptions) =>
    done((await import('./keys.ts')).listKeys(options)),
  );
  add(key, 'update', 'switch options of a key on or off, with immediate effect')
    .argument('<id>', 'ID of the key, as printed by key list', positive)
    .option('--lenient-rows', 'apply multi-profile requests without their refused rows')
    .option('--no-lenient-rows', 'refuse them because of one row')
    .option('--row-reports', 'keep a report of the rows of each multi-profile request')
    .option('--no-row-reports', 'keep reports only of those that are lenient or request it')
    .option('--skip-undefined-attributes', 'skip undefined attributes')
    .option('--no-skip-undefined-attributes', 'refuse them')
    .action(async (id: number, options: UpdateKeyOptions) => done((await import('./keys.ts')).updateKey(id, options)));
  add(key, 'delete', 'delete a key, with immediate effect; this cannot be undone')
    .argument('<id>', 'ID of the key, as printed by key list', positive)
    .action(async (id: number, options: CommonOptions) => done((await import('./keys.ts')).deleteKey(id, options)));

  const application = program.command('application').description('create and list Applications');
  add(application, 'list', 'list Applications').action(async (options: CommonOptions) =>
    done((await import('./applications.ts')).listApplicationsCommand(options)),
  );
  add(application, 'create', 'create an Application')
    .argument('<name>', 'name of the Application')
    .option('--sandbox', 'create it in the sandbox environment, which is separate from the live one')
    .option('--staging', 'switch campaign staging on, which a Test key requires; it cannot be switched off')
    .option('--timezone <name>', 'IANA time zone, such as Europe/Berlin', 'UTC')
    .action(async (name: string, options: CreateApplicationOptions) =>
      done((await import('./applications.ts')).createApplicationCommand(name, options)),
    );

  const attribute = program.command('attribute').description('define and list attributes of customer profiles');
  add(attribute, 'list', 'list attributes').action(async (options: CommonOptions) =>
    done((await import('./attributes.ts')).listAttributesCommand(options)),
  );
  add(attribute, 'create', 'define an attribute')
    .requiredOption('--name <name>', 'API name: a letter, then letters, digits and underscores')
    .addOption(new Option('--type <type>', 'type of the values').choices(ATTRIBUTE_TYPES).makeOptionMandatory())
    .option('--title <title>', 'display name (default: the API name)')
    .option('--description <text>', 'description of the attribute')
    .option('--suggestion <value>', 'a suggested value (repeatable)', collect)
    .option('--restricted', 'refuse all but the suggested values')
    .option('--application <name-or-id>', 'limit it to this Application (repeatable)', collect)
    .action(async (options: CreateAttributeOptions) =>
      done((await import('./attributes.ts')).createAttributeCommand(options)),
    );

  const user = program
    .command('user')
    .description('create users of the back office, unlock them and reset their passwords');
  add(user, 'create', 'create a user; the password is read from standard input, or generated if that is a terminal')
    .requiredOption('--email <address>', 'e-mail address of the user')
    .option('--admin', 'make the user an admin')
    .action(async (options: CreateUserOptions) => done((await import('./users.ts')).createUserCommand(options)));
  add(user, 'unlock', 'let a user sign in again after too many wrong passwords')
    .argument('<email>', 'e-mail address of the user')
    .action(async (email: string, options: CommonOptions) =>
      done((await import('./users.ts')).unlockUserCommand(email, options)),
    );
  add(
    user,
    'reset-password',
    'set a new password for a user; it is read from standard input, or generated if that is a terminal',
  )
    .argument('<email>', 'e-mail address of the user')
    .action(async (email: string, options: CommonOptions) =>
      done((await import('./users.ts')).resetPasswordCommand(email, options)),
    );
}

export function addAudienceCommands(program: Command, done: Done): void {
  const audience = program.command('audience').description('list audiences, and export and import their members');
  add(audience, 'list', 'list audiences with their sizes').action(async (options: CommonOptions) =>
    done((await import('./audiences.ts')).listAudiencesCommand(options)),
  );
  add(audience, 'export', 'write all members as CSV to standard output')
    .argument('<id>', 'internal ID of the audience', positive)
    .action(async (id: number, options: CommonOptions) =>
      done((await import('./audiences.ts')).exportAudience(id, options)),
    );
  add(audience, 'import', 'replace all members with those of a CSV file with the column profileintegrationid')
    .argument('<id>', 'internal ID of the audience', positive)
    .argument('<file>', 'CSV file, optionally compressed with gzip; - reads standard input')
    .option('--column <name>', 'column that holds the IDs, by name or number, if the file has several columns')
    .option('--dry-run', 'print what would change, without changing anything')
    .option('--yes', 'do not ask for confirmation, even if the list has warnings or many members would leave')
    .action(async (id: number, file: string, options: ImportOptions) =>
      done((await import('./audience-import.ts')).importAudience(id, file, options)),
    );
}

export function addDataCommands(program: Command, done: Done): void {
  add(program, 'verify', 'check the integrity of the data; exit 1 if a check fails').action(
    async (options: CommonOptions) => done((await import('./data.ts')).verify(options)),
  );
  add(program, 'backup', 'write a consistent copy, even while the server runs')
    .argument('<file>', 'file to create; must not exist')
    .action(async (file: string, options: CommonOptions) => done((await import('./data.ts')).backup(file, options)));
  add(program, 'restore', 'replace all data with a backup; the current data is kept next to the database')
    .argument('<file>', 'file written by backup')
    .option('--yes', 'do not ask for confirmation')
    .option('--accept-damage', 'restore the file even if rows in it are damaged')
    .action(async (file: string, options: RestoreOptions) => done((await import('./data.ts')).restore(file, options)));
  add(program, 'migrate', 'upgrade the schema of the database; a copy of the database as it was is kept next to it')
    .option('--dry-run', 'print what would be done, without doing it')
    .action(async (options: MigrateOptions) => done((await import('./data.ts')).migrate(options)));
}
