/** What was asked, with the way to it, and why it was refused if it was: the name of a request in a list. */

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
