/**
 * Stand-ins for the template languages of the senders. They support as much of each language as the samples use, so
 * that the samples run with nothing installed. Anything else is an error, and is never left in place.
 */

export type Language = 'mustache' | 'liquid' | 'jinja' | 'freemarker';

type Data = Readonly<Record<string, unknown>>;
type Filter = (text: string) => string;

const FILTERS: Readonly<Record<string, Filter>> = { urlencode: encodeURIComponent };

/** Fills in a template. @throws Error for a name that is not in the data, and for unsupported syntax */
export function render(language: Language, template: string, data: Data): string {
  const text = language === 'freemarker' ? freemarker(template, data) : braces(template, data);
  const left = /\{\{|\{%|\$\{|<\/?#/.exec(text);
  if (left !== null) throw new Error(`${language}: ${text.slice(left.index, left.index + 40)} is not known`);
  return text;
}

/** Mustache, Liquid and Jinja: `{{ value | filter }}`, loops, and the text between the items of a loop. */
function braces(template: string, data: Data): string {
  const loop = /\{% for (\w+) in ([\w.]+) %\}([\s\S]*?)\{% endfor %\}/g;
  const between = /\{% unless forloop\.last %\}([\s\S]*?)\{% endunless %\}/g;
  return template
    .replace(loop, (_, name: string, list: string, body: string) =>
      items(data, list)
        .map((item, index, all) => {
          const own = body.replace(between, index < all.length - 1 ? '$1' : '');
          return braces(own, { ...data, [name]: item });
        })
        .join(''),
    )
    .replace(/\{\{\s*([^|}]+?)\s*(?:\|\s*(\w+)\s*)?\}\}/g, (_, path: string, filter?: string) => {
      const apply = filter === undefined ? String : FILTERS[filter];
      if (apply === undefined) throw new Error(`the filter ${filter} is not known`);
      return apply(String(valueOf(data, path)));
    });
}

/** FreeMarker: `${value}`, `<#list>` with `<#sep>`, and `<#if>` with `<#else>`. */
function freemarker(template: string, data: Data): string {
  const list = /<#list ([\w.]+) as (\w+)>([\s\S]*?)<\/#list>/g;
  const condition = /<#if ([\w.]+)>([\s\S]*?)(?:<#else>([\s\S]*?))?<\/#if>/g;
  return template
    .replace(list, (_, path: string, name: string, body: string) => {
      const [item = '', between = ''] = body.split('<#sep>');
      return items(data, path)
        .map((each) => freemarker(item, { ...data, [name]: each }))
        .join(between);
    })
    .replace(condition, (_, path: string, yes: string, no: string = '') => (valueOf(data, path) === true ? yes : no))
    .replace(/\$\{([\w.]+)\}/g, (_, path: string) => String(valueOf(data, path)));
}

function items(data: Data, path: string): unknown[] {
  const list = valueOf(data, path);
  if (!Array.isArray(list)) throw new Error(`${path} is no list`);
  return list;
}

/** The value at `a.b` or `a['b']`. */
export function valueOf(data: unknown, path: string): unknown {
  const names = path.replaceAll(/\[(['"])(.*?)\1\]/g, '.$2').split('.');
  return names.reduce<unknown>((value, name) => {
    if (typeof value !== 'object' || value === null || !(name in value)) throw new Error(`the data has no ${path}`);
    return (value as Data)[name];
  }, data);
}
