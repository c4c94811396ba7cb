/** Signing in with e-mail and password. */

import { Title } from '@mantine/core';

export function SignInPage() {
  return (
    <main>
      <title>Sign in · Rollcall</title>
      <Title order={1}>Sign in</Title>
    </main>
  );
}
