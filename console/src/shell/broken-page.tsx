/** Shown in place of a page that does not exist or could not be rendered. */

import { Anchor, Container, Text, Title } from '@mantine/core';
import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { ErrorState } from '../parts/error-state.tsx';

export function UnknownPage() {
  return (
    <Container size="xs" py="xl" component="main">
      <title>Unknown address · Rollcall</title>
      <Title order={1}>Page not found</Title>
      <Text my="md">The address may be mistyped, or the page may have moved.</Text>
      <Anchor component={Link} to="/">
        Go to Home
      </Anchor>
    </Container>
  );
}

export function BrokenPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Container size="sm" py="xl">
      <ErrorState error={error} onRetry={retry} />
    </Container>
  );
}
