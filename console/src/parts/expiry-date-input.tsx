/** The day a key stops working: one of three quick choices, typed, or picked from a calendar. */

import { Button, Group, Stack, Text } from '@mantine/core';
import dayjs from 'dayjs';
import { DayInput } from './day-input.tsx';
import { DAY } from './days.ts';

const QUICK_MONTHS = [3, 6, 12] as const;
const LONG_YEARS = 2;

export interface ExpiryDateInputProps {
  readonly label: string;
  /** `YYYY-MM-DD`; null when empty. */
  readonly value: string | null;
  readonly onChange: (value: string | null) => void;
  /** IANA zone in which the day ends. */
  readonly timeZone: string;
  /** The server's objection, if any. */
  readonly error?: string | undefined;
}

export function ExpiryDateInput({ label, value, onChange, timeZone, error }: ExpiryDateInputProps) {
  return (
    <Stack gap={6}>
      <DayInput
        label={label}
        description={`The key works until the end of this day in ${timeZone}.`}
        required
        value={value}
        onChange={onChange}
        min={dayjs().add(1, 'day').format(DAY)}
        error={error}
        choices={<QuickChoices value={value} onChange={onChange} />}
      />
      {/* Always present, so that screen readers announce it when its text appears. */}
      <Text size="sm" c="var(--mantine-color-amber-light-color)" role="status">
        {value === null ? '' : expiryHint(value)}
      </Text>
    </Stack>
  );
}

function QuickChoices({ value, onChange }: Pick<ExpiryDateInputProps, 'value' | 'onChange'>) {
  return (
    <Group gap={6} mt={6} mb={8} role="group" aria-label="Quick choices">
      {QUICK_MONTHS.map((months) => {
        const day = dayjs().add(months, 'month').format(DAY);
        return (
          <Button
            key={months}
            size="compact-sm"
            fw={500}
            variant={value === day ? 'light' : 'default'}
            aria-pressed={value === day}
            onClick={() => onChange(day)}
          >
            {months} months
          </Button>
        );
      })}
    </Group>
  );
}

/** A warning about the chosen day; empty when there is none. */
function expiryHint(day: string): string {
  const date = dayjs(day, DAY, true);
  const [month, dayOfMonth] = [date.month() + 1, date.date()];
  if ((month === 12 && dayOfMonth >= 15) || (month === 1 && dayOfMonth <= 7)) {
    return 'Teams are small and traffic is high around the turn of the year. Choose a quieter day for replacing the key.';
  }
  if (date.isAfter(dayjs().add(LONG_YEARS, 'year'))) {
    return `That is more than ${LONG_YEARS} years away: a leaked key would work until then.`;
  }
  return '';
}
