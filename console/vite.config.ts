/** How the console is built: into hashed files under /console/, by `scripts/build-steps.mjs`. */

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { thirdPartyLicences } from '../scripts/third-party-licences.ts';

export default defineConfig({
  base: '/console/',
  plugins: [react(), thirdPartyLicences()],
  // What locks the page behind a dialog writes a style sheet; this is where it looks for the nonce that lets it.
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
          // What several pages have in common comes in one file: asking for dozens of small ones takes longer.
          groups: [{ name: 'parts', minShareCount: 2, test: /[^]/ }],
        },
      },
    },
  },
});
