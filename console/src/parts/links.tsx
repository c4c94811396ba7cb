/** Links to pages of the console in the looks of Mantine's parts; addresses are checked by the compiler. */

import { Anchor, Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { ComponentPropsWithRef } from 'react';

export const TextLink = createLink(Anchor<'a'>);

export const ButtonLink = createLink(LinkLikeButton);

/** What leads elsewhere is a link, whatever it looks like. */
function LinkLikeButton(props: ButtonProps & Omit<ComponentPropsWithRef<'a'>, keyof ButtonProps>) {
  return <Button component="a" {...props} />;
}
