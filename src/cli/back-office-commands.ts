/** The commands on the data beside the server: their options and their help. What they need is loaded when they run. */

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
import type { CreateKeyOptions } from './keys.ts';
import type { CreateUserOptions } from './users.ts';

/** Adds a command with the options that all of these take. */
function add(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('--database <url>', `where the data is, sqlite:PATH (default ROLLCALL_DATABASE, else ${DEFAULT_DATABASE})`)
    .option('--json', 'print JSON for machines');
}

export function addDefinitionCommands(program: Command, done: Done): void {
  const key = program.command('key').description('create, list and delete API keys');
  add(key, 'create', 'create an API key and print it, alone on one line; it cannot be shown again')
    .requiredOption('--name <name>', 'name to tell it by')
    .requiredOption('--expires <date>', "last day (in the Application's time zone) or RFC 3339 time")
    .option('--application <name-or-id>', 'Application it belongs to (default: the only or the first live one)')
    .addOption(
      new Option('--platform <platform>', 'who will use it; none makes a generic key')
        .choices(PLATFORMS)
        .default('none'),
    )
    .option('--read-only', 'a generic key that may only read')
    .option('--rate-limit <number>', 'requests per second it may make', positive)
    .action(async (options: CreateKeyOptions) => done((await import('./keys.ts')).createKey(options)));
  add(key, 'list', 'list keys, newest first').action(async (options: CommonOptions) =>
    done((await import('./keys.ts')).listKeys(options)),
  );
  add(key, 'delete', 'delete a key at once; it cannot be undone')
    .argument('<id>', 'number of the key, as key list shows it', positive)
    .action(async (id: number, options: CommonOptions) => done((await import('./keys.ts')).deleteKey(id, options)));

  const application = program.command('application').description('create and list Applications');
  add(application, 'list', 'list Applications').action(async (options: CommonOptions) =>
    done((await import('./applications.ts')).listApplications(options)),
  );
  add(application, 'create', 'create an Application')
    .argument('<name>', 'its name')
    .option('--sandbox', 'in the sandbox environment, which never sees the live one')
    .option('--timezone <name>', 'IANA time zone, such as Europe/Berlin', 'UTC')
    .action(async (name: string, options: CreateApplicationOptions) =>
      done((await import('./applications.ts')).createApplicationCommand(name, options)),
    );

  const attribute = program.command('attribute').description('define and list attributes of customer profiles');
  add(attribute, 'list', 'list attributes').action(async (options: CommonOptions) =>
    done((await import('./attributes.ts')).listAttributes(options)),
  );
  add(attribute, 'create', 'define an attribute')
    .requiredOption('--name <name>', 'API name: a letter, then letters, digits and underscores')
    .addOption(new Option('--type <type>', 'what its values are').choices(ATTRIBUTE_TYPES).makeOptionMandatory())
    .option('--title <title>', 'name shown to people (default: the API name)')
    .option('--description <text>', 'what it means')
    .option('--suggestion <value>', 'a suggested value (repeatable)', collect)
    .option('--restricted', 'refuse values that are not suggested')
    .option('--application <name-or-id>', 'limit it to this Application (repeatable)', collect)
    .action(async (options: CreateAttributeOptions) =>
      done((await import('./attributes.ts')).createAttributeCommand(options)),
    );

  const user = program.command('user').description('create users of the back office, and let them in again');
  add(user, 'create', 'create a user; the password is read from standard input, or generated on a terminal')
    .requiredOption('--email <address>', 'e-mail to sign in with')
    .option('--admin', 'may change things')
    .action(async (options: CreateUserOptions) => done((await import('./users.ts')).createUserCommand(options)));
  add(user, 'unlock', 'let a user sign in again after too many wrong passwords')
    .argument('<email>', 'e-mail the user signs in with')
    .action(async (email: string, options: CommonOptions) =>
      done((await import('./users.ts')).unlockUserCommand(email, options)),
    );
  add(user, 'reset-password', 'give a user another password, read from standard input or generated on a terminal')
    .argument('<email>', 'e-mail the user signs in with')
    .action(async (email: string, options: CommonOptions) =>
      done((await import('./users.ts')).resetPasswordCommand(email, options)),
    );
}

export function addAudienceCommands(program: Command, done: Done): void {
  const audience = program.command('audience').description('list audiences, export and import their members');
  add(audience, 'list', 'list audiences with their sizes').action(async (options: CommonOptions) =>
    done((await import('./audiences.ts')).listAudiences(options)),
  );
  add(audience, 'export', 'write all members as CSV to standard output')
    .argument('<id>', 'internal number of the audience', positive)
    .action(async (id: number, options: CommonOptions) =>
      done((await import('./audiences.ts')).exportAudience(id, options)),
    );
  add(audience, 'import', 'replace all members by those of a file: CSV with the column profileintegrationid')
    .argument('<id>', 'internal number of the audience', positive)
    .argument('<file>', 'the CSV file, also compressed with gzip; - reads standard input')
    .option('--column <name>', 'the column that holds the IDs, by its name or its number, in a file of several')
    .option('--dry-run', 'tell what it would do, and change nothing')
    .option('--yes', 'do not ask, whatever the list looks like and whoever leaves')
    .action(async (id: number, file: string, options: ImportOptions) =>
      done((await import('./audience-import.ts')).importAudience(id, file, options)),
    );
}

export function addDataCommands(program: Command, done: Done): void {
  add(program, 'verify', 'check every promise the data can show; exit 1 when one does not hold').action(
    async (options: CommonOptions) => done((await import('./data.ts')).verify(options)),
  );
  add(program, 'backup', 'write a consistent copy, also while the server runs')
    .argument('<file>', 'new file; must not exist')
    .action(async (file: string, options: CommonOptions) => done((await import('./data.ts')).backup(file, options)));
  add(program, 'restore', 'replace all data by a backup; what is there now is kept beside the database')
    .argument('<file>', 'a file written by backup')
    .option('--yes', 'do not ask')
    .option('--accept-damage', 'restore it although rows of it are damaged')
    .action(async (file: string, options: RestoreOptions) => done((await import('./data.ts')).restore(file, options)));
  add(program, 'migrate', 'bring the schema of the database up to date; what is there before is kept beside it')
    .option('--dry-run', 'only tell what would be done')
    .action(async (options: MigrateOptions) => done((await import('./data.ts')).migrate(options)));
}
