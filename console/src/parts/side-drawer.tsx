/** A drawer at the right edge for creating or changing one thing. */

import { Drawer } from '@mantine/core';
import { type ReactNode, useRef } from 'react';

export interface SideDrawerProps {
  readonly opened: boolean;
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly size?: 'md' | 'lg' | 'xl';
}

// Composed from parts because Mantine's header would count as the page's banner.
export function SideDrawer({ opened, title, onClose, children, size = 'md' }: SideDrawerProps) {
  const content = useRef<HTMLDivElement>(null);
  const close = () => {
    // Escape belongs to what has the focus: a question or a calendar above the drawer.
    const focused = document.activeElement?.closest('[role="dialog"]') ?? null;
    if (focused !== null && focused !== content.current) return;
    // Deferred: closing may ask first, and the key that closes the drawer must not reach that question too.
    setTimeout(onClose);
  };
  return (
    <Drawer.Root opened={opened} onClose={close} position="right" size={size}>
      <Drawer.Overlay />
      <Drawer.Content ref={content}>
        <Drawer.Header role="presentation">
          <Drawer.Title fz="lg" fw={650}>
            {title}
          </Drawer.Title>
          <Drawer.CloseButton aria-label="Close" />
        </Drawer.Header>
        <Drawer.Body>{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
