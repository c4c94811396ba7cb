/** The three views of Activity; which one is open is in the address. */

import { Link } from '@tanstack/react-router';
import classes from '../../parts/section-nav.module.css';
import type { ActivitySearch } from './search.ts';

const TABS: readonly { readonly tab: ActivitySearch['tab']; readonly label: string }[] = [
  { tab: undefined, label: 'Requests' },
  { tab: 'errors', label: 'Errors by cause' },
  { tab: 'refused', label: 'Refused writes' },
];

export function ActivityTabs() {
  return (
    <nav aria-label="Activity" className={classes.tabs}>
      <ul className={classes.list}>
        {TABS.map(({ tab, label }) => (
          <li key={label}>
            <Link
              to="/activity"
              search={{ tab }}
              className={classes.link}
              // The tabs differ by this one parameter; without it in the address, the first is open.
              activeOptions={{ includeSearch: true, explicitUndefined: true }}
              activeProps={{ 'aria-current': 'page' }}
            >
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
