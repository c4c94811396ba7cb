/** All addresses of the console and their pages; a page is loaded when it is first opened. */

import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import * as arrivals from './arrivals.ts';
import { environmentSearch } from './environment.ts';
import { auditLogSearch, managementKeysSearch, sessionsSearch, usersSearch } from './pages/account/search.ts';
import { activitySearch } from './pages/activity/search.ts';
import { apiKeysSearch, applicationsSearch } from './pages/applications/search.ts';
import { attributesSearch } from './pages/attributes/search.ts';
import { audienceSearch, audiencesSearch } from './pages/audiences/search.ts';
import { profileSearch, profilesSearch } from './pages/profiles/search.ts';
import { Loading } from './parts/loading.tsx';
import { queryClient } from './query-client.ts';
import { sessionQuery } from './session.ts';
import { AppFrame } from './shell/app-frame.tsx';
import { BrokenPage, UnknownPage } from './shell/broken-page.tsx';
import { returnSearch, safeReturn } from './shell/return-path.ts';

const root = createRootRoute({ notFoundComponent: UnknownPage });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: returnSearch,
  beforeLoad: async ({ search }) => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (session !== null) redirect({ href: safeReturn(search.return), throw: true });
  },
  component: lazyRouteComponent(() => import('./pages/sign-in/sign-in-page.tsx'), 'SignInPage'),
});

const changePassword = createRoute({
  getParentRoute: () => root,
  path: '/change-password',
  validateSearch: returnSearch,
  beforeLoad: async ({ search }) => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (session === null) redirect({ to: '/sign-in', search, throw: true });
  },
  component: lazyRouteComponent(() => import('./pages/change-password/change-password-page.tsx'), 'ChangePasswordPage'),
});

/** Everything that requires sign-in, with the navigation around it. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  validateSearch: environmentSearch,
  search: { middlewares: [retainSearchParams(['env'])] },
  beforeLoad: async ({ location }) => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    const search = location.href === '/' ? {} : { return: location.href };
    if (session === null) redirect({ to: '/sign-in', search, throw: true });
    else if (session.mustChangePassword) redirect({ to: '/change-password', search, throw: true });
  },
  component: AppFrame,
});

const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: arrivals.home,
  component: lazyRouteComponent(() => import('./pages/home/home-page.tsx'), 'HomePage'),
});

const applications = createRoute({
  getParentRoute: () => shell,
  path: '/applications',
  validateSearch: applicationsSearch,
  beforeLoad: arrivals.applications,
  component: lazyRouteComponent(() => import('./pages/applications/applications-page.tsx'), 'ApplicationsPage'),
});

const application = createRoute({
  getParentRoute: () => shell,
  path: '/applications/$applicationId',
  beforeLoad: arrivals.application,
  component: lazyRouteComponent(() => import('./pages/applications/application-page.tsx'), 'ApplicationPage'),
});

const applicationOverview = createRoute({
  getParentRoute: () => application,
  path: '/',
  beforeLoad: arrivals.applicationKeys,
  component: lazyRouteComponent(() => import('./pages/applications/overview-page.tsx'), 'OverviewPage'),
});

const settings = createRoute({
  getParentRoute: () => application,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/applications/settings-frame.tsx'), 'SettingsFrame'),
});

const generalSettings = createRoute({
  getParentRoute: () => settings,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/applications/settings-page.tsx'), 'SettingsPage'),
});

const apiKeys = createRoute({
  getParentRoute: () => settings,
  path: '/api-keys',
  validateSearch: apiKeysSearch,
  beforeLoad: arrivals.applicationKeys,
  component: lazyRouteComponent(() => import('./pages/applications/api-keys-page.tsx'), 'ApiKeysPage'),
});

const audiences = createRoute({
  getParentRoute: () => shell,
  path: '/audiences',
  validateSearch: audiencesSearch,
  beforeLoad: arrivals.audiences,
  component: lazyRouteComponent(() => import('./pages/audiences/audiences-page.tsx'), 'AudiencesPage'),
});

const audience = createRoute({
  getParentRoute: () => shell,
  path: '/audiences/$audienceId',
  validateSearch: audienceSearch,
  beforeLoad: arrivals.audience,
  component: lazyRouteComponent(() => import('./pages/audiences/audience-page.tsx'), 'AudiencePage'),
});

const profiles = createRoute({
  getParentRoute: () => shell,
  path: '/profiles',
  validateSearch: profilesSearch,
  beforeLoad: arrivals.profiles,
  component: lazyRouteComponent(() => import('./pages/profiles/profiles-page.tsx'), 'ProfilesPage'),
});

const profile = createRoute({
  getParentRoute: () => shell,
  path: '/profiles/$profileId',
  validateSearch: profileSearch,
  beforeLoad: arrivals.profile,
  component: lazyRouteComponent(() => import('./pages/profiles/profile-page.tsx'), 'ProfilePage'),
});

const attributes = createRoute({
  getParentRoute: () => shell,
  path: '/attributes',
  validateSearch: attributesSearch,
  beforeLoad: arrivals.attributes,
  component: lazyRouteComponent(() => import('./pages/attributes/attributes-page.tsx'), 'AttributesPage'),
});

const activity = createRoute({
  getParentRoute: () => shell,
  path: '/activity',
  validateSearch: activitySearch,
  beforeLoad: arrivals.activity,
  component: lazyRouteComponent(() => import('./pages/activity/activity-page.tsx'), 'ActivityPage'),
});

const activityRequest = createRoute({
  getParentRoute: () => shell,
  path: '/activity/$uuid',
  component: lazyRouteComponent(() => import('./pages/activity/request-page.tsx'), 'RequestPage'),
});

const account = createRoute({
  getParentRoute: () => shell,
  path: '/account',
  component: lazyRouteComponent(() => import('./pages/account/account-page.tsx'), 'AccountPage'),
});

const accountHome = createRoute({
  getParentRoute: () => account,
  path: '/',
  beforeLoad: () => {
    const isAdmin = queryClient.getQueryData(sessionQuery.queryKey)?.isAdmin === true;
    redirect({ to: isAdmin ? '/account/users' : '/account/sessions', replace: true, throw: true });
  },
});

const users = createRoute({
  getParentRoute: () => account,
  path: '/users',
  validateSearch: usersSearch,
  beforeLoad: arrivals.users,
  component: lazyRouteComponent(() => import('./pages/account/users-page.tsx'), 'UsersPage'),
});

const sessions = createRoute({
  getParentRoute: () => account,
  path: '/sessions',
  validateSearch: sessionsSearch,
  component: lazyRouteComponent(() => import('./pages/account/sessions-page.tsx'), 'SessionsPage'),
});

const managementKeys = createRoute({
  getParentRoute: () => account,
  path: '/management-keys',
  validateSearch: managementKeysSearch,
  beforeLoad: arrivals.managementKeys,
  component: lazyRouteComponent(() => import('./pages/account/management-keys-page.tsx'), 'ManagementKeysPage'),
});

const auditLog = createRoute({
  getParentRoute: () => account,
  path: '/audit-log',
  validateSearch: auditLogSearch,
  beforeLoad: arrivals.auditLog,
  component: lazyRouteComponent(() => import('./pages/account/audit-log-page.tsx'), 'AuditLogPage'),
});

const about = createRoute({
  getParentRoute: () => account,
  path: '/about',
  component: lazyRouteComponent(() => import('./pages/account/about-page.tsx'), 'AboutPage'),
});

const routeTree = root.addChildren([
  signIn,
  changePassword,
  shell.addChildren([
    home,
    applications,
    application.addChildren([applicationOverview, settings.addChildren([generalSettings, apiKeys])]),
    audiences,
    audience,
    profiles,
    profile,
    attributes,
    activity,
    activityRequest,
    account.addChildren([accountHome, users, sessions, managementKeys, auditLog, about]),
  ]),
]);

export const router = createRouter({
  routeTree,
  basepath: '/console',
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  defaultPendingMs: 200,
  // Shows a loaded page at once, however briefly its placeholder was shown.
  defaultPendingMinMs: 0,
  defaultErrorComponent: BrokenPage,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
