/** Starts the console: theme, data, routes, and what happens when the session ends while somebody is working. */

import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './console.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { onSignedOut } from './api.ts';
import { queryClient } from './query-client.ts';
import { router } from './router.tsx';
import { sessionQuery } from './session.ts';
import { cssVariables, theme } from './theme.ts';

declare global {
  /** Lets run-time style sheets pass the Content-Security-Policy. */
  var rollcallStyleNonce: string | undefined;
}

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
globalThis.rollcallStyleNonce = nonce;

onSignedOut(() => {
  queryClient.clear();
  void router.invalidate();
});

// The page's own script has already requested it; this picks up the answer.
void queryClient.prefetchQuery(sessionQuery);

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariables}
        defaultColorScheme="auto"
        getStyleNonce={() => nonce}
      >
        <QueryClientProvider client={queryClient}>
          <Notifications position="bottom-right" />
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
