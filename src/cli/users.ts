/** `rollcall user …` */

import { createUser, generatePassword } from '../domain/users.ts';
import { type CommonOptions, withCore } from './context.ts';
import { print, printJson, say } from './output.ts';
import { readSecretFromInput } from './secret-input.ts';

export interface CreateUserOptions extends CommonOptions {
  readonly email: string;
  readonly admin?: boolean;
}

export async function createUserCommand(options: CreateUserOptions): Promise<number> {
  const given = await readSecretFromInput('the password');
  return withCore(
    options,
    async (core) => {
      const password = given ?? generatePassword();
      const { id, email, isAdmin } = await createUser(core, {
        email: options.email,
        password,
        isAdmin: options.admin ?? false,
        mustChangePassword: given === undefined,
      });
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
    },
    { mustExist: false },
  );
}
