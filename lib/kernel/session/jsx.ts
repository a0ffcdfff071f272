import { DISPLAY } from './display.ts';

/** `<>...</>`: children without an element around them. */
export function Fragment({ children }: { children?: unknown }): unknown {
  return h(Fragment, null, children);
}

type Attributes = Record<string, unknown> | null;
type Component = (attributes: Record<string, unknown>) => unknown;

interface Shown {
  toString(): string;
}

const VOID = /^(area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/;

/** What JSX in a cell makes where no tsconfig chooses another factory: HTML, text escaped, shown as HTML. */
class HtmlElement {
  readonly #html: string;

  constructor(html: string) {
    this.#html = html;
  }

  toString(): string {
    return this.#html;
  }

  [DISPLAY](): Record<string, string> {
    return { 'text/html': this.#html, 'text/plain': this.#html };
  }
}

export function h(tag: unknown, attributes: Attributes, ...children: unknown[]): unknown {
  if (typeof tag === 'function' && tag !== Fragment) return (tag as Component)({ ...attributes, children });
  const inner = children.flat(Infinity).map(render).join('');
  if (tag === Fragment) return new HtmlElement(inner);
  const name = String(tag);
  const list = Object.entries(attributes ?? {}).map(([key, value]) => attribute(key, value));
  const open = `<${name}${list.join('')}>`;
  return new HtmlElement(VOID.test(name) ? open : `${open}${inner}</${name}>`);
}

function attribute(key: string, value: unknown): string {
  const name = key === 'className' ? 'class' : key === 'htmlFor' ? 'for' : key;
  if (value === false || value === null || value === undefined) return '';
  if (value === true) return ` ${name}`;
  const text =
    name === 'style' && typeof value === 'object'
      ? Object.entries(value)
          .map(
            ([property, each]) =>
              `${property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}:${String(each)}`,
          )
          .join(';')
      : (value as Shown).toString();
  return ` ${name}="${escape(text)}"`;
}

function render(child: unknown): string {
  if (child === null || child === undefined || typeof child === 'boolean') return '';
  return child instanceof HtmlElement ? child.toString() : escape((child as Shown).toString());
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
