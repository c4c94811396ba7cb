/** A cause as the server words it; names in backquotes stand out. */

export function CauseText({ cause }: { readonly cause: string }) {
  return cause.split('`').map((part, index) =>
    index % 2 === 1 ? (
      <code key={index} className="mono">
        {part}
      </code>
    ) : (
      part
    ),
  );
}
