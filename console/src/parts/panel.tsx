/** A bordered part of a page with its own heading. */

import { Group, Paper, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';

export interface PanelProps {
  readonly title?: string;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** Without padding, so that tables reach the panel's edges. */
  readonly flush?: boolean;
}

export function Panel({ title, description, actions, children, flush = false }: PanelProps) {
  const id = useId();
  return (
    <Paper
      withBorder
      component="section"
      mb="md"
      p={flush ? 0 : 'md'}
      {...(title === undefined ? {} : { 'aria-labelledby': id })}
    >
      {title === undefined && actions === undefined ? null : (
        <Group justify="space-between" p={flush ? 'md' : 0} pb={flush ? 'xs' : 'sm'} gap="sm">
          <div>
            {title === undefined ? null : (
              <Title order={2} id={id}>
                {title}
              </Title>
            )}
            {description === undefined ? null : (
              <Text c="dimmed" size="sm" component="div">
                {description}
              </Text>
            )}
          </div>
          {actions}
        </Group>
      )}
      {children}
    </Paper>
  );
}
