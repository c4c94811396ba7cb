// The pages of /docs/connect: shows the address of this server in place of the example's, so that what is copied is right.

const EXAMPLE = 'https://rollcall.example.com';

for (const code of document.querySelectorAll('code')) {
  code.textContent = code.textContent
    .replaceAll(EXAMPLE, window.location.origin)
    .replaceAll(new URL(EXAMPLE).host, window.location.host);
}
