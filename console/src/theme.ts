/**
 * The console's look: colours with enough contrast in both schemes, type, density, and accessible names Mantine omits.
 */

import {
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  type MantineColorsTuple,
  Modal,
  Notification,
} from '@mantine/core';

// The dark end of every palette is dark enough for white text on shade 7 and for shade 9 on shade 1.
const pine: MantineColorsTuple = [
  '#eaf5f4',
  '#d5e9e7',
  '#a6d2cf',
  '#74b9b5',
  '#4ca29e',
  '#2f8c88',
  '#1f7a77',
  '#146664',
  '#0e5351',
  '#0a3f3f',
];
const red: MantineColorsTuple = [
  '#fdf1f0',
  '#fbe0de',
  '#f5beba',
  '#ec938d',
  '#e5746d',
  '#d04a43',
  '#bd342f',
  '#a62824',
  '#87201d',
  '#691a18',
];
const amber: MantineColorsTuple = [
  '#fdf6e7',
  '#faeaca',
  '#f3d390',
  '#eab954',
  '#dd9f2c',
  '#c68516',
  '#a66c0d',
  '#84550c',
  '#69430c',
  '#51340b',
];
const green: MantineColorsTuple = [
  '#edf7ee',
  '#d9efdc',
  '#b0dcb6',
  '#80c38a',
  '#56a964',
  '#3a9049',
  '#2a7a3a',
  '#22652f',
  '#1b5126',
  '#143e1d',
];
const blue: MantineColorsTuple = [
  '#eef5fb',
  '#dceaf7',
  '#b4d2ee',
  '#84b4e1',
  '#5795d1',
  '#3679bd',
  '#2763a4',
  '#1f5088',
  '#19406c',
  '#132f50',
];
const gray: MantineColorsTuple = [
  '#f6f8f8',
  '#edf1f1',
  '#e0e6e6',
  '#cfd8d8',
  '#b3bfbf',
  '#879595',
  '#576666',
  '#435151',
  '#2f3b3b',
  '#1b2424',
];
const dark: MantineColorsTuple = [
  '#d8e0e0',
  '#b9c5c5',
  '#9aa8a8',
  '#6f7d7d',
  '#3d4949',
  '#2d3737',
  '#222a2b',
  '#191f20',
  '#131819',
  '#0d1112',
];

export const theme = createTheme({
  colors: { pine, red, green, blue, gray, dark, yellow: amber, orange: amber, amber },
  primaryColor: 'pine',
  primaryShade: 7,
  black: '#1b2424',
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Open Sans", "Helvetica Neue", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.5rem', lineHeight: '1.3' },
      h2: { fontSize: '1.125rem', lineHeight: '1.35' },
      h3: { fontSize: '1rem', lineHeight: '1.4' },
    },
  },
  components: {
    Drawer: Drawer.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } }),
    Modal: Modal.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } }),
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } }),
  },
});

/** Replaces Mantine's choice of a shade where that is too pale for its background. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-placeholder': 'var(--mantine-color-gray-6)',
    '--mantine-color-error': 'var(--mantine-color-red-6)',
    '--rollcall-page': 'var(--mantine-color-gray-0)',
    '--rollcall-line': 'var(--mantine-color-gray-2)',
    '--rollcall-nav': '#0f3534',
  },
  dark: {
    '--mantine-color-placeholder': 'var(--mantine-color-dark-2)',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    '--mantine-color-anchor': 'var(--mantine-color-pine-3)',
    '--rollcall-page': 'var(--mantine-color-dark-8)',
    '--rollcall-line': 'var(--mantine-color-dark-5)',
    '--rollcall-nav': '#0c1f1f',
  },
});
