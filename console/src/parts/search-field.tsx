/** A search field; it searches a moment after the last keystroke, or at once on Enter. */

import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';

export interface SearchFieldProps {
  readonly label: string;
  readonly placeholder?: string;
  /** The current search; keep it in the address. */
  readonly value: string;
  readonly onSearch: (text: string) => void;
  readonly width?: number;
}

const PAUSE_MS = 300;

export function SearchField({ label, placeholder, value, onSearch, width = 280 }: SearchFieldProps) {
  const [text, setText] = useState(value);
  const asked = useRef(value);
  const search = (wanted: string): void => {
    asked.current = wanted;
    onSearch(wanted);
  };
  const searchSoon = useDebouncedCallback(search, PAUSE_MS);
  // The address changed by other means than this field.
  useEffect(() => {
    if (value === asked.current) return;
    asked.current = value;
    setText(value);
  }, [value]);
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={placeholder ?? label}
      leftSection={<IconSearch size={16} aria-hidden />}
      w={{ base: '100%', sm: width }}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        searchSoon(event.currentTarget.value.trim());
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') search(text.trim());
      }}
    />
  );
}
