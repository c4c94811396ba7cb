/** The product's mark: a list with one name ticked. */

export function RollcallMark({ size = 24 }: { readonly size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" fill="#1f7a77" />
      <path d="M8 10h10M8 16h7M8 22h7" stroke="#d5e9e7" strokeWidth="2.6" strokeLinecap="round" />
      <path
        d="m18.5 19.5 3.2 3.2L26 15.5"
        fill="none"
        stroke="#fff"
        strokeWidth="2.8"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
