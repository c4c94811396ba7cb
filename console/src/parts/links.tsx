/** Links to pages of the console in the looks of Mantine's parts; addresses are checked by the compiler. */

import { Anchor, Button } from '@mantine/core';
import { createLink } from '@tanstack/react-router';

export const TextLink = createLink(Anchor<'a'>);

export const ButtonLink = createLink(Button<'a'>);
