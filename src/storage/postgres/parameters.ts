/** Translates the parameters of a shared statement into PostgreSQL's style. */

/** Literals, quoted names and comments, which stay unchanged, and parameters. */
const TOKENS = /'(?:[^']|'')*'|"[^"]*"|--[^\n]*|\?/g;

/** Numbers the parameters of a statement: `?, ?` becomes `$1, $2`. */
export function numberParameters(sql: string): string {
  let count = 0;
  return sql.replace(TOKENS, (token) => {
    if (token !== '?') return token;
    count += 1;
    return `$${count}`;
  });
}
