/** The calendar of a day's field; loaded when one is first opened. */

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
  /** `YYYY-MM-DD`, each; `shown` is the day it opens at. */
  readonly value: string | null;
  readonly shown: string;
  readonly min: string | undefined;
  readonly max: string | undefined;
  readonly onPick: (day: string | null) => void;
  /** For those who came by keyboard. */
  readonly takesFocus: boolean;
}

export function Calendar({ value, shown, min, max, onPick, takesFocus }: CalendarProps) {
  const box = useRef<HTMLDivElement>(null);
  // The popover gives the focus to what is marked so, unless the calendar came later than that.
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
