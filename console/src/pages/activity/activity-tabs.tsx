/** The three views of Activity; the address says which one is open. */

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
              // The tabs differ in this one parameter; without it, the first tab is open.
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
