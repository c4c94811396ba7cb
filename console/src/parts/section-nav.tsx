/** The pages of one area as a row of tabs, which scrolls on narrow screens. */

import { Link, type LinkProps } from '@tanstack/react-router';
import classes from './section-nav.module.css';

export interface SectionLink {
  readonly to: NonNullable<LinkProps['to']>;
  readonly params?: Readonly<Record<string, string>>;
  readonly label: string;
  /** Marked as current on this address only, not on those below it. */
  readonly exact?: boolean;
}

export interface SectionNavProps {
  /** Names the row, for screen readers. */
  readonly label: string;
  readonly links: readonly SectionLink[];
  /** `pills` for a second row below a row of tabs. */
  readonly as?: 'tabs' | 'pills';
}

export function SectionNav({ label, links, as = 'tabs' }: SectionNavProps) {
  return (
    <nav aria-label={label} className={classes[as]}>
      <ul className={classes.list}>
        {links.map(({ to, params, label: text, exact = false }) => (
          <li key={to}>
            <Link
              to={to}
              {...(params === undefined ? {} : { params })}
              className={classes.link}
              activeOptions={{ exact, includeSearch: false }}
              activeProps={{ 'aria-current': 'page' }}
            >
              {text}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
