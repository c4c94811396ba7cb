/** A day, typed or picked from a calendar that opens with a click, its button, or the down arrow. */

import { ActionIcon, Input, Popover } from '@mantine/core';
import { IconCalendar } from '@tabler/icons-react';
import dayjs from 'dayjs';
import { lazy, type ReactNode, Suspense, useId, useState } from 'react';
import { DAY, parseDay } from './days.ts';
import { Loading } from './loading.tsx';

const Calendar = lazy(async () => ({ default: (await import('./calendar.tsx')).Calendar }));

export interface DayInputProps {
  readonly label: string;
  readonly description?: string;
  readonly required?: boolean;
  /** `YYYY-MM-DD`; null when empty. */
  readonly value: string | null;
  readonly onChange: (value: string | null) => void;
  /** First and last day allowed, `YYYY-MM-DD`. */
  readonly min?: string;
  readonly max?: string;
  readonly error?: string | undefined;
  /**
   * Quick choices, placed between the description and the field because the calendar opens below and must not cover
   * them.
   */
  readonly choices?: ReactNode;
}

export function DayInput(props: DayInputProps) {
  const { label, description, required = false, value, onChange, min, max, error, choices } = props;
  const id = useId();
  const [text, setText] = useState(value ?? '');
  const [left, setLeft] = useState(true);
  const [opened, setOpened] = useState<'no' | 'beside' | 'with-focus'>('no');
  // Half-typed text stays; a day set from elsewhere (a quick choice) replaces it.
  const shown = value === null || inRange(text, min, max) === value ? text : value;

  const type = (typed: string) => {
    setText(typed);
    setLeft(false);
    setOpened('no');
    onChange(inRange(typed, min, max));
  };
  const pick = (day: string | null) => {
    if (day === null) return;
    setText(day);
    setOpened('no');
    onChange(day);
  };
  const wrong = left && shown.trim() !== '' && value === null ? whyNot(shown, min, max) : undefined;

  const problem = wrong ?? error;
  return (
    <Popover
      withRoles={false}
      opened={opened !== 'no'}
      onChange={(open) => setOpened(open ? 'beside' : 'no')}
      trapFocus={opened === 'with-focus'}
      returnFocus={opened === 'with-focus'}
      position="bottom-start"
      shadow="md"
    >
      <Input.Wrapper
        id={id}
        label={label}
        required={required}
        withAsterisk={false}
        {...(description === undefined ? {} : { description })}
        {...(problem === undefined ? {} : { error: problem })}
      >
        {choices}
        <Popover.Target>
          <Input
            required={required}
            // Escape closes the calendar first, not the drawer around it.
            {...(opened === 'no' ? {} : { 'data-mantine-stop-propagation': 'true' })}
            placeholder={DAY}
            autoComplete="off"
            error={problem !== undefined}
            value={shown}
            onChange={(event) => type(event.currentTarget.value)}
            onClick={() => setOpened('beside')}
            onBlur={() => {
              setLeft(true);
              setText(value ?? shown);
            }}
            onKeyDown={(event) => {
              if (event.key === 'Tab' || event.key === 'Escape') setOpened('no');
              if (event.key !== 'ArrowDown') return;
              event.preventDefault();
              setOpened('with-focus');
            }}
            rightSection={
              <ActionIcon
                variant="subtle"
                color="gray"
                tabIndex={-1}
                aria-label="Choose from a calendar"
                onClick={() => setOpened('with-focus')}
              >
                <IconCalendar size={18} stroke={1.6} aria-hidden />
              </ActionIcon>
            }
            rightSectionPointerEvents="all"
          />
        </Popover.Target>
      </Input.Wrapper>
      <Popover.Dropdown role="dialog" aria-label="Calendar">
        <Suspense fallback={<Loading />}>
          <Calendar
            value={value}
            shown={value ?? min ?? dayjs().format(DAY)}
            min={min}
            max={max}
            onPick={pick}
            takesFocus={opened === 'with-focus'}
          />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}

function inRange(text: string, min: string | undefined, max: string | undefined): string | null {
  const day = parseDay(text);
  return day === null || (min !== undefined && day < min) || (max !== undefined && day > max) ? null : day;
}

function whyNot(text: string, min: string | undefined, max: string | undefined): string {
  if (parseDay(text) === null) return `Enter a date as ${DAY}`;
  return min !== undefined && max === undefined
    ? `Choose ${min} or a later day`
    : `Choose ${max ?? ''} or an earlier day`;
}
