// Replaces the example address on the pages of /docs/connect by this server's, so that samples can be copied unchanged.

const EXAMPLE = 'https://rollcall.example.com';

for (const code of document.querySelectorAll('code')) {
  code.textContent = code.textContent
    .replaceAll(EXAMPLE, window.location.origin)
    .replaceAll(new URL(EXAMPLE).host, window.location.host);
}
