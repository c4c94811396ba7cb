/** `rollcall user …` */

import { createUser, generatePassword } from '../domain/users.ts';
import { type CommonOptions, print, printJson, withCore } from './context.ts';
import { readSecretFromInput } from './secret-input.ts';

export interface CreateUserOptions extends CommonOptions {
  readonly email: string;
  readonly admin?: boolean;
}

export async function createUserCommand(options: CreateUserOptions): Promise<number> {
  const given = await readSecretFromInput();
  return withCore(
    options,
    async (core) => {
      const password = given ?? generatePassword();
      const user = await createUser(core, {
        email: options.email,
        password,
        isAdmin: options.admin ?? false,
        mustChangePassword: given === undefined,
      });
      const { id, email, isAdmin } = user;
      if (options.json) await printJson({ id, email, isAdmin, ...(given === undefined ? { password } : {}) });
      else {
        process.stderr.write(`User ${id} ${email}${isAdmin ? ', admin' : ''}.\n`);
        if (given === undefined) {
          process.stderr.write('The password, to be changed at the first sign-in:\n');
          await print(`${password}\n`);
        }
      }
      return 0;
    },
    { mustExist: false },
  );
}
