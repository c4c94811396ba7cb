/** The two roles to choose from, for use inside a `Radio.Group`. */

import { Radio, Stack } from '@mantine/core';

export function RoleChoice() {
  return (
    <Stack gap="xs" mt="xs">
      <Radio value="read-only" label="Read-only" description="No payloads, no exports, no changes" />
      <Radio value="admin" label="Admin" description="Everything, including users and keys" />
    </Stack>
  );
}
