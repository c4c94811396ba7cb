// The page of /docs: Swagger UI under our name, with a first call that is right for this server.

const STORED = 'rollcall-docs-authorization';
const EXAMPLE_ORIGIN = 'http://127.0.0.1:8080';

/** Keys that people enter outlive a reload and not the tab: Swagger UI itself would keep them in localStorage, for good. */
const keepForTheTab = () => ({
  statePlugins: {
    auth: {
      wrapActions: {
        persistAuthorizationIfNeeded: (_original, system) => () => {
          sessionStorage.setItem(STORED, JSON.stringify(system.authSelectors.authorized().toJS()));
        },
      },
    },
  },
});

window.addEventListener('DOMContentLoaded', () => {
  // Instead of what the package's own script would do.
  Object.assign(window, { onload: null });
  const ui = window.SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#swagger-ui',
    deepLinking: true,
    validatorUrl: null,
    layout: 'BaseLayout',
    presets: [window.SwaggerUIBundle.presets.apis],
    plugins: [keepForTheTab],
    responseInterceptor: (response) => {
      if (!response.url.endsWith('/openapi.json')) return response;
      response.text = response.text.replaceAll(EXAMPLE_ORIGIN, window.location.origin);
      return response;
    },
    onComplete: () => {
      const stored = sessionStorage.getItem(STORED);
      if (stored !== null) ui.authActions.restoreAuthorization({ authorized: JSON.parse(stored) });
    },
  });
});
