/** `rollcall user …` */

import { readOne } from '../config.ts';
import { type DeviceToken, unlockUser } from '../domain/access/known-devices.ts';
import { resetPassword } from '../domain/access/password-changes.ts';
import { createUserWithPassword } from '../domain/access/user-administration.ts';
import { findUserByEmail } from '../domain/access/user-lookups.ts';
import type { User } from '../domain/access/users.ts';
import { callable } from './banner.ts';
import { type CommonOptions, withCore } from './context.ts';
import { print, printJson, say, when } from './output.ts';
import { readSecretFromInput } from './secret-input.ts';

export interface CreateUserOptions extends CommonOptions {
  readonly email: string;
  readonly admin?: boolean;
}

export async function createUserCommand(options: CreateUserOptions): Promise<number> {
  const given = await readSecretFromInput('the password');
  return withCore(options, { access: 'write', mustExist: false }, async (core) => {
    const { user, password } = await createUserWithPassword(
      core,
      { email: options.email, isAdmin: options.admin },
      given,
    );
    const { id, email, isAdmin } = user;
    if (options.json) {
      await printJson({ id, email, isAdmin, ...(given === undefined ? { password } : {}) });
      return 0;
    }
    say(`User ${id} ${email}${isAdmin ? ', admin' : ''}.`);
    if (given === undefined) {
      say('The password, to be changed at the first sign-in:');
      await print(`${password}\n`);
    }
    return 0;
  });
}

/** Lets a user sign in again after somebody else's wrong passwords have blocked the sign-in. */
export async function unlockUserCommand(email: string, options: CommonOptions): Promise<number> {
  return withCore(options, { access: 'write' }, async (core) => {
    const { user, device } = await unlockUser(core, email);
    const until = when(device.expires);
    const link = signInLink(device);
    if (options.json) {
      await printJson({ id: user.id, email: user.email, until, link });
      return 0;
    }
    say(`${user.email} may sign in until ${until}, regardless of wrong passwords counted so far.`);
    warnDeactivated(user);
    say('If somebody keeps guessing, sign in with this link; it still requires the password:');
    await print(`${link}\n`);
    return 0;
  });
}

/** Sets a user's password, and lets the user sign in with it. */
export async function resetPasswordCommand(email: string, options: CommonOptions): Promise<number> {
  const given = await readSecretFromInput('the password');
  return withCore(options, { access: 'write' }, async (core) => {
    const { id } = await findUserByEmail(core, email);
    const password = await resetPassword(core, id, given);
    // Guesses of the old password are no reason to keep the user out.
    const { user, device } = await unlockUser(core, email);
    const link = signInLink(device);
    if (options.json) {
      await printJson({ id, email: user.email, ...(given === undefined ? { password } : {}), link });
      return 0;
    }
    say(`${user.email} has a new password, is signed out everywhere, and may sign in: ${link}`);
    warnDeactivated(user);
    if (given === undefined) {
      say('The password, to be changed at the next sign-in:');
      await print(`${password}\n`);
    }
    return 0;
  });
}

function warnDeactivated(user: User): void {
  if (user.state === 'deactivated') say('The user is deactivated: an admin must activate the user first.');
}

/** A link to the console, if this environment's settings tell where it is. */
function signInLink({ token }: DeviceToken): string {
  const scheme = readOne('tlsCert') === undefined ? 'http' : 'https';
  const host = readOne('host');
  const listening = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${readOne('port')}`;
  return `${readOne('publicUrl') ?? callable(listening)}/console/sign-in#device=${token}`;
}
