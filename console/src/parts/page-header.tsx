/**
 * The head of a page: its place, its title and its actions. Sets the document's title and takes the focus on arrival.
 */

import { Group, Text, Title } from '@mantine/core';
import { Fragment, type ReactNode, useEffect, useRef } from 'react';

export interface PageHeaderProps {
  readonly title: string;
  /** Links (`TextLink`) to the pages above this one, outermost first. */
  readonly above?: readonly ReactNode[];
  /** Badges beside the title. */
  readonly badges?: ReactNode;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
}

// On the first page of a visit, the focus stays where the browser puts it.
let arrived = false;

export function PageHeader({ title, above = [], badges, description, actions }: PageHeaderProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (arrived) heading.current?.focus({ preventScroll: true });
    arrived = true;
  }, []);
  return (
    <Group justify="space-between" align="flex-end" mb="md" gap="sm">
      <title>{`${title} · Rollcall`}</title>
      <div>
        {above.length === 0 ? null : (
          <nav aria-label="Breadcrumb">
            <Text component="div" size="sm" c="dimmed">
              {above.map((link, index) => (
                <Fragment key={index}>
                  {link}
                  {' / '}
                </Fragment>
              ))}
            </Text>
          </nav>
        )}
        <Group gap="sm">
          <Title order={1} ref={heading} tabIndex={-1}>
            {title}
          </Title>
          {badges}
        </Group>
        {description === undefined ? null : (
          <Text c="dimmed" size="sm" mt={2} maw={720} component="div">
            {description}
          </Text>
        )}
      </div>
      {actions === undefined ? null : <Group gap="xs">{actions}</Group>}
    </Group>
  );
}
