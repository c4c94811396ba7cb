/** Passwords: users change their own, and admins set those of others. */

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import {
  changePassword,
  checkOwnPassword,
  provePassword,
  resetPassword,
} from '../../../domain/access/password-changes.ts';
import { actingCore, principalOf } from '../../back-office-auth.ts';
import { readPathNumber } from '../../path-ids.ts';
import { Id } from '../../wire.ts';
import { answers, conflict, emptyAnswers, sessionSecurity } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';
import { NewPasswordSchema, type PasswordChange, PasswordChangeSchema } from './users-schemas.ts';
import { unknownUser } from './users-wire.ts';

const tags = ['Management API: users'];
const params = Type.Object({ userId: Id() });

export async function userPasswordRoutes(app: FastifyInstance, { core, signIns }: ManagementSurface): Promise<void> {
  app.post<{ Body: PasswordChange }>(
    '/v1/users/:userId/password',
    {
      schema: {
        operationId: 'changePassword',
        summary: 'Change your own password',
        description: 'Ends all your other sessions.',
        tags,
        security: sessionSecurity,
        params,
        body: PasswordChangeSchema,
        response: emptyAnswers('Changed', [
          unknownUser,
          conflict(
            'The password has been changed meanwhile',
            'The password has been changed meanwhile; nothing was done',
          ),
        ]),
      },
      config: { extension: true, backOfficeAccess: 'session', duringPasswordChange: true },
    },
    async (request, reply) => {
      const { user, session } = principalOf(request);
      checkOwnPassword(user, readPathNumber(request, 'userId'));
      const { currentPassword, newPassword } = request.body;
      const proof = await signIns.confirm(user.id, async () => provePassword(core, user, currentPassword));
      await changePassword(actingCore(core, request), proof, newPassword, session?.id);
      return reply.code(204).send();
    },
  );

  app.post(
    '/v1/users/:userId/reset_password',
    {
      schema: {
        operationId: 'resetPassword',
        summary: 'Set a new password for a user',
        description:
          'The response contains the password, which is shown only once; the user must change it at the next sign-in. Ends all sessions of the user. This is also how an invited user gets a password.',
        tags,
        security: sessionSecurity,
        params,
        response: answers(200, 'The password', NewPasswordSchema, [unknownUser]),
      },
      config: { extension: true, backOfficeAccess: 'admin-session' },
    },
    async (request) => ({
      password: await resetPassword(actingCore(core, request), readPathNumber(request, 'userId')),
    }),
  );
}
