/** Links to pages of the console that look like Mantine's components; the compiler checks the addresses. */

import { Anchor, Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { ComponentPropsWithRef } from 'react';

export const TextLink = createLink(Anchor<'a'>);

export const ButtonLink = createLink(LinkLikeButton);

/** Anything that leads elsewhere is a link, whatever it looks like. */
function LinkLikeButton(props: ButtonProps & Omit<ComponentPropsWithRef<'a'>, keyof ButtonProps>) {
  return <Button component="a" {...props} />;
}
