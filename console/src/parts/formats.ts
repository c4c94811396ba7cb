/** Number and time formats are created on first use: the first of each kind loads locale data, which takes long. */

/** @returns the result of `make`, the same each time */
export function whenUsed<Format>(make: () => Format): () => Format {
  let made: { readonly format: Format } | undefined;
  return () => {
    made ??= { format: make() };
    return made.format;
  };
}
