/** Wire shapes of users, their two roles, and the account. */

import { type Static, Type } from 'typebox';
import { extended } from '../../extended.ts';
import { Id, Timestamp } from '../../wire.ts';

const MAX_NAME = 255;
const Email = () => Type.String({ minLength: 3, maxLength: 254, examples: ['ada@example.com'] });
const Name = () => Type.String({ minLength: 1, maxLength: MAX_NAME, examples: ['Ada'] });
const Password = (description: string) =>
  Type.String({ minLength: 1, maxLength: 1000, description, examples: ['correct horse battery'] });

export const UserSchema = Type.Object(
  {
    id: Id(),
    created: Timestamp('When the user was created or invited'),
    modified: Timestamp('When the record last changed'),
    email: Email(),
    accountId: Id(),
    inviteToken: Type.String({
      examples: [''],
      description: '`pending` until an invited user first signs in, then empty',
    }),
    state: Type.Union([Type.Literal('invited'), Type.Literal('active'), Type.Literal('deactivated')], {
      examples: ['active'],
    }),
    name: Name(),
    policy: Type.Object({}, { description: 'Always empty: the role says it all' }),
    isAdmin: Type.Boolean({ description: 'Otherwise read-only: no payloads, no exports, no changes' }),
    roles: Type.Array(Id(), { examples: [[2]], description: 'The one role of the user: 1 admin, 2 read-only' }),
    authMethod: Type.Enum(['basic_auth'], { description: 'Always `basic_auth`: e-mail and password' }),
    lastSignedIn: Type.Optional(Timestamp('Absent before the first time')),
    lastAccessed: Type.Optional(Timestamp('Last use of any session; absent before the first')),
    ...extended({
      mustChangePassword: Type.Boolean({ description: 'The password was given by somebody else' }),
    }),
  },
  { title: 'User' },
);
export type User = Static<typeof UserSchema>;

export const NewUserSchema = Type.Object(
  {
    email: Email(),
    name: Type.Optional(Name()),
    isAdmin: Type.Optional(Type.Boolean({ description: 'Read-only unless true' })),
  },
  { title: 'NewUser' },
);
export type NewUser = Static<typeof NewUserSchema>;

/** A user and the password that is shown this once. */
export const CreatedUserSchema = Type.Object(
  {
    ...UserSchema.properties,
    password: Type.String({ description: 'Shown this once; to be changed at the first sign-in', examples: ['…'] }),
  },
  { title: 'CreatedUser' },
);
export type CreatedUser = Static<typeof CreatedUserSchema>;

export const UserUpdateSchema = Type.Object(
  {
    name: Type.Optional(Name()),
    state: Type.Optional(Type.Enum(['active', 'deactivated'], { description: 'By admins only' })),
    isAdmin: Type.Optional(Type.Boolean({ description: 'By admins only' })),
    roles: Type.Optional(
      Type.Array(Id(), {
        maxItems: 10,
        examples: [[2]],
        description: '[1] admin, [2] read-only; together with `isAdmin` only when the two agree; by admins only',
      }),
    ),
    policy: Type.Optional(
      Type.String({ examples: ['{}'], description: 'Only `{}` or empty: policies are not served' }),
    ),
  },
  { title: 'UpdateUser' },
);
export type UserUpdate = Static<typeof UserUpdateSchema>;

export const UserByEmailSchema = Type.Object({ email: Email() }, { title: 'UserByEmail' });

export const InvitationSchema = Type.Object(
  {
    email: Email(),
    name: Type.Optional(Name()),
    userGroups: Type.Optional(
      Type.Array(Type.String(), { maxItems: 100, examples: [[]], description: 'Not served; ignored' }),
    ),
  },
  { title: 'NewInvitation' },
);

export const PasswordChangeSchema = Type.Object(
  {
    currentPassword: Password('The password that is to be replaced'),
    newPassword: Password('At least 10 characters'),
  },
  { title: 'PasswordChange' },
);
export type PasswordChange = Static<typeof PasswordChangeSchema>;

/** A password that is shown this once. */
export const NewPasswordSchema = Type.Object(
  {
    password: Type.String({ description: 'Shown this once; to be changed at the next sign-in', examples: ['…'] }),
  },
  { title: 'NewPassword' },
);
export type NewPassword = Static<typeof NewPasswordSchema>;

export const RoleSchema = Type.Object(
  {
    id: Id({ description: '1 admin, 2 read-only' }),
    created: Timestamp('When the account was'),
    modified: Timestamp('When the account was created'),
    accountId: Id(),
    name: Type.String({ examples: ['Admin'] }),
    description: Type.String({ examples: ['Sees and changes everything'] }),
    ...extended({ isAdmin: Type.Boolean({ examples: [true], description: 'Which of the two roles it is' }) }),
    members: Type.Array(Id(), { description: 'Users with this role' }),
  },
  { title: 'Role' },
);
export type Role = Static<typeof RoleSchema>;

export const RoleUpdateSchema = Type.Object(
  {
    name: Type.Optional(
      Type.String({ maxLength: MAX_NAME, examples: ['Admin'], description: 'As it is: the two roles are built in' }),
    ),
    description: Type.Optional(
      Type.String({ maxLength: 1000, examples: ['Sees and changes everything'], description: 'As it is' }),
    ),
    isAdmin: Type.Optional(Type.Boolean({ examples: [true], description: 'As it is' })),
    members: Type.Optional(
      Type.Array(Id(), {
        maxItems: 1000,
        description: 'Users who have this role from now on. Those left out of the admins are read-only from now on',
      }),
    ),
  },
  { title: 'RoleUpdate' },
);
export type RoleUpdate = Static<typeof RoleUpdateSchema>;

export const AccountSchema = Type.Object(
  {
    id: Id(),
    created: Timestamp('When the first Application was created'),
    modified: Timestamp('The same'),
    companyName: Type.String({ minLength: 1, examples: ['Rollcall'], description: 'Always `Rollcall`' }),
    domainName: Type.String({ examples: ['rollcall.example.com'], description: 'Host name people use' }),
    state: Type.Enum(['active'], { description: 'Always `active`' }),
    billingEmail: Type.String({
      format: 'email',
      examples: ['nobody@example.com'],
      description: 'Always `nobody@example.com`: there is nothing to bill',
    }),
    applicationCount: Type.Integer(),
    userCount: Type.Integer(),
    campaignsActiveCount: Type.Integer({ examples: [0], description: 'Always 0' }),
    campaignsInactiveCount: Type.Integer({ examples: [0], description: 'Always 0' }),
  },
  { title: 'Account' },
);
export type Account = Static<typeof AccountSchema>;
