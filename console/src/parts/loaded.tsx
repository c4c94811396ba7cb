/** Shows the result of a query, or that it is loading, or why it failed. */

import { Alert, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorState } from './error-state.tsx';
import { Loading } from './loading.tsx';

export interface LoadedProps<Data> {
  readonly query: Pick<UseQueryResult<Data>, 'data' | 'error' | 'refetch'>;
  /** Height of the placeholder while loading. */
  readonly lines?: number;
  readonly children: (data: Data) => ReactNode;
}

export function Loaded<Data>({ query, lines = 4, children }: LoadedProps<Data>) {
  const { data, error, refetch } = query;
  const retry = () => void refetch();
  if (data === undefined) {
    return error === null ? <Loading lines={lines} /> : <ErrorState error={error} onRetry={retry} />;
  }
  return (
    <>
      {error === null ? null : (
        <Alert color="amber" mb="sm" role="status" p="xs">
          <Text size="sm">This may be out of date: {error.message}</Text>
        </Alert>
      )}
      {children(data)}
    </>
  );
}
