/** The Markdown of docs/connect: what pages may contain, and that anything else is refused. */

import { describe, expect, test } from 'vitest';
import { renderMarkdown } from '../../scripts/markdown.ts';

const resolve = (address: string): string => {
  if (address !== 'other.md') throw new Error(`no page is at ${address}`);
  return '/docs/connect/other';
};
const htmlOf = (text: string): string =>
  renderMarkdown(`# Title\n\n${text}\n`, resolve).html.replace(/^<h1.*<\/h1>\n/, '');

describe('pages may use', () => {
  test.each([
    ['a title', '', '<h1 id="title">Title</h1>'],
    ['paragraphs', 'one\nline\n\nanother', '<p>one line</p>\n<p>another</p>'],
    ['headings with an address', '## Set it up', '<h2 id="set-it-up">Set it up</h2>'],
    ['emphasis and code', '**a** *b* `*c*`', '<p><strong>a</strong> <em>b</em> <code>*c*</code></p>'],
    ['links', '[a page](other.md)', '<p><a href="/docs/connect/other">a page</a></p>'],
    ['lists', '- a\n  more\n- b', '<ul><li>a more</li><li>b</li></ul>'],
    ['numbered lists', '1. a\n2. b', '<ol><li>a</li><li>b</li></ol>'],
    [
      'tables',
      '| a | b |\n|---|---|\n| `c` | d |',
      '<div class="table" tabindex="0"><table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>' +
        '<tbody><tr><th scope="row"><code>c</code></th><td>d</td></tr></tbody></table></div>',
    ],
    ['code with blank lines', '```sh\na\n\n## b\n```', '<pre tabindex="0"><code>a\n\n## b</code></pre>'],
  ])('%s', (_, text, html) => {
    expect(htmlOf(text)).toBe(html);
  });
});

test('nothing of a page is markup of its own', () => {
  const hostile = '<script>alert(1)</script> & "quoted"';
  const escaped = '&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quoted&quot;';
  expect(htmlOf(`a ${hostile}`)).toBe(`<p>a ${escaped}</p>`);
  expect(htmlOf(`\`${hostile}\``)).toBe(`<p><code>${escaped}</code></p>`);
  expect(htmlOf(`\`\`\`\n${hostile}\n\`\`\``)).toBe(`<pre tabindex="0"><code>${escaped}</code></pre>`);
});

test.each([
  ['a page without a title', 'text', 'the first line'],
  ['a block of HTML', '# T\n\n<b>x</b>', 'no Markdown that pages may use: <b>x'],
  ['a quotation', '# T\n\n> x', 'no Markdown that pages may use'],
  ['an indented block', '# T\n\n    x', 'no Markdown that pages may use'],
  ['a link to nowhere', '# T\n\n[x](https://example.com)', 'no page is at https://example.com'],
  ['a row with too few cells', '# T\n\n| a | b |\n|---|---|\n| c |', 'as many cells'],
  ['a table without its line', '# T\n\n| a |\n| b |', 'a line of dashes'],
  ['a line beside its list', '# T\n\n- a\nb', 'begins with its mark'],
])('%s fails the build', (_, text, message) => {
  expect(() => renderMarkdown(text, resolve)).toThrow(message);
});
