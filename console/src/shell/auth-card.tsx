/** The card in the middle of pages outside the frame: sign-in and change of password. */

import { Paper, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import classes from './auth-card.module.css';
import { RollcallMark } from './rollcall-mark.tsx';

export interface AuthCardProps {
  readonly title: string;
  readonly description?: ReactNode;
  readonly children: ReactNode;
}

export function AuthCard({ title, description, children }: AuthCardProps) {
  const card = useRef<HTMLDivElement>(null);
  // There is nothing to do here but fill in the form.
  useEffect(() => card.current?.querySelector<HTMLInputElement>('input:not([tabindex="-1"])')?.focus(), []);
  return (
    <main className={classes.page}>
      <title>{`${title} · Rollcall`}</title>
      <div className={classes.brand}>
        <RollcallMark size={30} />
        Rollcall
      </div>
      <Paper withBorder className={classes.card} ref={card}>
        <Stack gap="lg">
          <div>
            <Title order={1}>{title}</Title>
            {description === undefined ? null : (
              <Text size="sm" c="dimmed" mt={4} component="div">
                {description}
              </Text>
            )}
          </div>
          {children}
        </Stack>
      </Paper>
    </main>
  );
}
