/** The value of an attribute in readable form. */

import { Time } from '../../parts/time.tsx';

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** Whether the value fits on one line. */
export function AttributeValueText({ value }: { readonly value: unknown }) {
  if (Array.isArray(value)) {
    return (
      <>
        {value.map((each, index) => (
          <span key={index}>
            {index === 0 ? '' : ', '}
            <AttributeValueText value={each} />
          </span>
        ))}
      </>
    );
  }
  if (typeof value === 'string') return INSTANT.test(value) ? <Time value={value} as="precise" /> : value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (isLocation(value)) return `${value.latitude}, ${value.longitude}`;
  return JSON.stringify(value);
}

function isLocation(value: unknown): value is { latitude: number; longitude: number } {
  return typeof value === 'object' && value !== null && 'latitude' in value && 'longitude' in value;
}
