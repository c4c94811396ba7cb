/** Formats of numbers and times are made when first used: the first one of a kind reads the locale's data, which takes long. */

/** @returns what `make` makes, the same each time */
export function whenUsed<Format>(make: () => Format): () => Format {
  let made: { readonly format: Format } | undefined;
  return () => {
    made ??= { format: make() };
    return made.format;
  };
}
