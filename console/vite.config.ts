/** Builds the console into hashed files under /console/; `scripts/build-steps.mjs` runs it. */

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { thirdPartyLicences } from '../scripts/third-party-licences.ts';

export default defineConfig({
  base: '/console/',
  plugins: [react(), thirdPartyLicences()],
  // The scroll lock behind dialogs writes a style sheet; it looks here for the nonce that permits that.
  define: { __webpack_nonce__: 'globalThis.rollcallStyleNonce' },
  build: {
    // An inlined file would be a data: URL, which the Content-Security-Policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Code shared by several pages goes into one file: fetching dozens of small ones takes longer.
          groups: [{ name: 'parts', minShareCount: 2, test: /[^]/ }],
        },
      },
    },
  },
});
