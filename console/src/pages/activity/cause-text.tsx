/** A cause in the server's wording, with names in backquotes highlighted. */

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
