/** The calendar of a day field; loaded when one is first opened. */

import '@mantine/dates/styles.css';
import { DatePicker } from '@mantine/dates';
import { useEffect, useRef } from 'react';

const NAMES = {
  nextMonth: 'Next month',
  previousMonth: 'Previous month',
  nextYear: 'Next year',
  previousYear: 'Previous year',
  nextDecade: 'Next decade',
  previousDecade: 'Previous decade',
};

export interface CalendarProps {
  /** Each is `YYYY-MM-DD`; `shown` is the day the calendar opens at. */
  readonly value: string | null;
  readonly shown: string;
  readonly min: string | undefined;
  readonly max: string | undefined;
  readonly onPick: (day: string | null) => void;
  /** Moves the focus into the calendar, for keyboard users. */
  readonly takesFocus: boolean;
}

export function Calendar({ value, shown, min, max, onPick, takesFocus }: CalendarProps) {
  const box = useRef<HTMLDivElement>(null);
  // The popover focuses the element marked this way, unless the calendar loads after that.
  useEffect(() => {
    if (takesFocus) box.current?.querySelector<HTMLButtonElement>('[data-autofocus]')?.focus();
  }, [takesFocus]);
  return (
    <div ref={box}>
      <DatePicker
        value={value}
        onChange={onPick}
        defaultDate={shown}
        weekendDays={[]}
        ariaLabels={NAMES}
        getDayProps={(day) => (day === shown ? { 'data-autofocus': true } : {})}
        {...(min === undefined ? {} : { minDate: min })}
        {...(max === undefined ? {} : { maxDate: max })}
      />
    </div>
  );
}
