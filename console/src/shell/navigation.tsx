/** The main navigation with its eight areas. */

import {
  IconActivity,
  IconApps,
  IconHome,
  IconListDetails,
  IconSettings,
  IconUsers,
  IconUsersGroup,
  type TablerIcon,
} from '@tabler/icons-react';
import { Link, type LinkProps } from '@tanstack/react-router';
import classes from './shell.module.css';

interface Area {
  readonly to: NonNullable<LinkProps['to']>;
  readonly label: string;
  readonly icon: TablerIcon;
}

const AREAS: readonly Area[] = [
  { to: '/', label: 'Home', icon: IconHome },
  { to: '/applications', label: 'Applications', icon: IconApps },
  { to: '/audiences', label: 'Audiences', icon: IconUsersGroup },
  { to: '/profiles', label: 'Customer profiles', icon: IconUsers },
  { to: '/attributes', label: 'Attributes', icon: IconListDetails },
  { to: '/activity', label: 'Activity', icon: IconActivity },
  { to: '/account', label: 'Account', icon: IconSettings },
];

export function Navigation({ onNavigate }: { readonly onNavigate: () => void }) {
  return (
    <ul className={classes.areas}>
      {AREAS.map(({ to, label, icon: Icon }) => (
        <li key={to}>
          <Link
            to={to}
            className={classes.area}
            activeOptions={{ exact: to === '/', includeSearch: false }}
            activeProps={{ 'aria-current': 'page' }}
            onClick={onNavigate}
          >
            <Icon size={18} stroke={1.6} aria-hidden />
            {label}
          </Link>
        </li>
      ))}
    </ul>
  );
}
