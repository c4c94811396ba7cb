/** What went wrong, in the server's own words, with a way to try again. */

import { Alert, Button, List, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { ApiError } from '../api.ts';

export interface ErrorStateProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

export function ErrorState({ error, onRetry }: ErrorStateProps) {
  const api = error instanceof ApiError ? error : undefined;
  return (
    <Alert color="red" icon={<IconAlertTriangle size={20} aria-hidden />} title={titleOf(api)} role="alert">
      <Text size="sm">{messageOf(error)}</Text>
      <ProblemList error={error} />
      {onRetry === undefined ? null : (
        <Button mt="sm" size="xs" variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The individual problems of a refused request, when they say more than its message. */
export function ProblemList({ error }: { readonly error: unknown }) {
  const problems = error instanceof ApiError ? error.problems.filter(({ details }) => details !== error.message) : [];
  if (problems.length === 0) return null;
  return (
    <List size="sm" mt={6}>
      {problems.slice(0, 20).map((problem, index) => (
        <List.Item key={index}>
          {problem.field === '' ? '' : `${problem.field}: `}
          {problem.details === '' ? problem.title : problem.details}
        </List.Item>
      ))}
    </List>
  );
}

const TITLES: Readonly<Record<number, string>> = {
  0: 'No connection',
  403: 'Not allowed',
  404: 'Not found',
  429: 'Too many requests',
};

function titleOf(error: ApiError | undefined): string {
  return TITLES[error?.status ?? -1] ?? 'This could not be loaded';
}
