/**
 * Renders the Markdown of `docs/connect` as HTML: headings, paragraphs, lists, tables, code and links. Anything else on
 * a page fails the build, and all text is escaped, so that no page can contain its own markup.
 */

export interface RenderedPage {
  readonly title: string;
  readonly html: string;
}

/** Converts the address of a link to one on the server. @throws Error if it leads nowhere there */
export type ResolveLink = (address: string) => string;

/** Renders a page, whose first line is its title. @throws Error for anything outside the subset */
export function renderMarkdown(text: string, resolve: ResolveLink): RenderedPage {
  const title = /^# (.+)\n/.exec(text)?.[1];
  if (title === undefined) throw new Error('the first line of a page is its title, after #');
  return {
    title,
    html: blocksOf(text)
      .map((block) => renderBlock(block, resolve))
      .join('\n'),
  };
}

/** Blocks are separated by blank lines; a fence keeps those inside it. */
function blocksOf(text: string): string[] {
  return text
    .split(/^(```[\s\S]*?^```)$/m)
    .flatMap((part) => (part.startsWith('```') ? [part] : part.split(/\n{2,}/)))
    .map((block) => block.replace(/^\n+|\n+$/g, ''))
    .filter((block) => block !== '');
}

function renderBlock(block: string, resolve: ResolveLink): string {
  const inline = (text: string): string => renderInline(text, resolve);
  const fence = /^```(\w*)\n([\s\S]*?)\n```$/.exec(block);
  // Focusable, because long lines scroll.
  if (fence !== null) return `<pre tabindex="0"><code>${escapeHtml(fence[2] ?? '')}</code></pre>`;
  const heading = /^(#{1,3}) (.+)$/.exec(block);
  if (heading !== null) {
    const [, marks = '', words = ''] = heading;
    const id = words
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '');
    return `<h${marks.length} id="${id}">${inline(words)}</h${marks.length}>`;
  }
  if (block.startsWith('|')) return renderTable(block.split('\n'), inline);
  if (block.startsWith('- ')) return renderList('ul', block, /^- /, inline);
  if (block.startsWith('1. ')) return renderList('ol', block, /^\d+\. /, inline);
  if (/^(?:[#><=~!-]|[*+] |\s)/.test(block))
    throw new Error(`this is no Markdown that pages may use: ${block.slice(0, 60)}`);
  return `<p>${inline(block.replaceAll('\n', ' '))}</p>`;
}

function renderList(tag: 'ul' | 'ol', block: string, mark: RegExp, inline: (text: string) => string): string {
  const items: string[] = [];
  for (const line of block.split('\n')) {
    if (mark.test(line)) items.push(line.replace(mark, ''));
    else if (/^ {2,3}\S/.test(line)) items.push(`${items.pop() ?? ''} ${line.trim()}`);
    else throw new Error(`a line of a list begins with its mark, or is indented: ${line}`);
  }
  return `<${tag}>${items.map((item) => `<li>${inline(item)}</li>`).join('')}</${tag}>`;
}

function renderTable([head = '', rule = '', ...rows]: readonly string[], inline: (text: string) => string): string {
  const cells = (row: string): string[] =>
    row
      .replace(/^\||\|$/g, '')
      .split('|')
      .map((cell) => inline(cell.trim()));
  const names = cells(head);
  if (!/^\|(-+\|)+$/.test(rule)) throw new Error(`a table has a line of dashes below its head: ${head}`);
  const body = rows.map((row) => {
    const values = cells(row);
    if (values.length !== names.length) throw new Error(`a row has as many cells as the head of its table: ${row}`);
    return `<tr>${values.map((value, index) => (index === 0 ? `<th scope="row">${value}</th>` : `<td>${value}</td>`)).join('')}</tr>`;
  });
  const header = names.map((name) => `<th scope="col">${name}</th>`).join('');
  return `<div class="table" tabindex="0"><table><thead><tr>${header}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}

/** Code comes first, because nothing in it is markup. */
function renderInline(text: string, resolve: ResolveLink): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => {
      if (part.startsWith('`') && part.length > 1) return `<code>${escapeHtml(part.slice(1, -1))}</code>`;
      return escapeHtml(part)
        .replaceAll(
          /\[([^\]]+)\]\(([^)]+)\)/g,
          (_, words: string, to: string) => `<a href="${resolve(to)}">${words}</a>`,
        )
        .replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
        .replaceAll(/\*([^*]+)\*/g, '<em>$1</em>');
    })
    .join('');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
