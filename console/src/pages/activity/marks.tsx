/** Marks of a request: what was ignored in it, what looks unfilled, that it repeats another, or that its client disconnected. */

import { Alert, Badge, Group, List, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import type { RequestMark } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import { TextLink } from '../../parts/links.tsx';
import { CauseText } from './cause-text.tsx';

const LABELS: Readonly<Record<RequestMark['kind'], string>> = {
  'client gone': 'Client gone',
  'empty body': 'Empty body',
  repeat: 'Repeat',
  'ignored field': 'Ignored',
  'ignored parameter': 'Ignored parameter',
  'unfilled template': 'Unfilled template',
  'refused rows': 'Rows refused',
  'erased person': 'Erased person',
};

/** In a list: one badge per mark, with names where there is room. */
export function MarkBadges({ marks }: { readonly marks: readonly RequestMark[] }) {
  if (marks.length === 0) return null;
  const [first, ...others] = marks;
  return (
    <Group gap={6} mt={4}>
      {first === undefined ? null : (
        <Badge size="sm" variant="light" color="amber" tt="none" maw="100%" title={first.text}>
          {LABELS[first.kind]}
          {first.name === null || first.name === '' ? '' : `: ${first.name}`}
        </Badge>
      )}
      {others.length === 0 ? null : (
        <Text span size="xs" c="dimmed">
          and {others.length} more
        </Text>
      )}
    </Group>
  );
}

/** On the page of a request: in full, with a link to requests with the same mark. */
export function MarkNotice({ marks }: { readonly marks: readonly RequestMark[] }) {
  if (marks.length === 0) return null;
  return (
    <Alert color="amber" mb="md" icon={<IconInfoCircle size={20} aria-hidden />} title="Worth a look" role="note">
      <List size="sm" listStyleType="none" spacing={4}>
        {marks.map((mark) => (
          <List.Item key={mark.text}>
            <CauseText cause={mark.text} />{' '}
            <TextLink to="/activity" search={{ cause: mark.text }} size="sm" underline="always">
              Similar requests
            </TextLink>
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
