/** Names a request in a list: its method and path with a link to it, and why it was refused, if it was. */

import { Text } from '@mantine/core';
import { TextLink } from '../../parts/links.tsx';
import { CauseText } from './cause-text.tsx';

interface RequestNameProps {
  readonly uuid: string;
  readonly method: string;
  readonly requestUri: string;
  readonly cause: string | null;
}

export function RequestName({ uuid, method, requestUri, cause }: RequestNameProps) {
  return (
    <>
      <TextLink to="/activity/$uuid" params={{ uuid }} size="sm" fw={500} lineClamp={2}>
        <code className="mono">
          {method} {requestUri}
        </code>
      </TextLink>
      {cause === null ? null : (
        <Text size="xs" c="dimmed" fw={400}>
          <CauseText cause={cause} />
        </Text>
      )}
    </>
  );
}
