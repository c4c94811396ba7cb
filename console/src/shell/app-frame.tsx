/** The frame around every page: navigation at the side, environment and user at the top. */

import { AppShell, Burger, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, Outlet } from '@tanstack/react-router';
import { Suspense } from 'react';
import { useEnvironment } from '../environment.ts';
import { Loading } from '../parts/loading.tsx';
import { EnvironmentSwitch } from './environment-switch.tsx';
import { Navigation } from './navigation.tsx';
import { RollcallMark } from './rollcall-mark.tsx';
import classes from './shell.module.css';
import { UserMenu } from './user-menu.tsx';

export function AppFrame() {
  const [opened, { toggle, close }] = useDisclosure(false);
  const { environment } = useEnvironment();
  return (
    <AppShell
      layout="alt"
      header={{ height: 52 }}
      navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'sm', sm: 'lg' }}
      classNames={{ main: classes.main, navbar: classes.navbar, header: classes.header }}
    >
      <a href="#main" className={classes.skip}>
        Skip to content
      </a>
      <AppShell.Navbar aria-label="Main" data-open={opened || undefined}>
        <Group justify="space-between" wrap="nowrap" className={classes.brand}>
          <Link to="/" className={classes.brandLink} onClick={close}>
            <RollcallMark />
            Rollcall
          </Link>
          <Burger opened onClick={close} hiddenFrom="sm" size="sm" color="white" aria-label="Close the navigation" />
        </Group>
        <Navigation onNavigate={close} />
      </AppShell.Navbar>
      <AppShell.Header data-environment={environment}>
        <Group h="100%" px={{ base: 'sm', sm: 'lg' }} justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label="Open the navigation"
              aria-expanded={opened}
            />
            <EnvironmentSwitch />
          </Group>
          <UserMenu />
        </Group>
      </AppShell.Header>
      <AppShell.Main id="main" tabIndex={-1}>
        <div className={classes.page}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </div>
      </AppShell.Main>
    </AppShell>
  );
}
