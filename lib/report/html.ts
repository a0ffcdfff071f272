/** Texts as HTML: escaping, markdown with formulas, code with colours. Nothing here makes a page load or run anything. */
import hljs from 'highlight.js/lib/core';
import json from 'highlight.js/lib/languages/json';
import shell from 'highlight.js/lib/languages/bash';
import typescript from 'highlight.js/lib/languages/typescript';
import { renderToString } from 'katex';
import { Marked, type TokenizerAndRendererExtension } from 'marked';
import { sanitizeHtml } from './sanitize.ts';

hljs.registerLanguage('typescript', typescript);
hljs.registerLanguage('json', json);
hljs.registerLanguage('bash', shell);

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

/** JSON that may stand inside a script element. */
export const scriptJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

export function highlight(code: string, language: string): string {
  const name = { ts: 'typescript', js: 'typescript', javascript: 'typescript', sh: 'bash' }[language] ?? language;
  return hljs.getLanguage(name) ? hljs.highlight(code, { language: name }).value : escapeHtml(code);
}

/** A TeX formula as MathML, which browsers draw without fonts or scripts of ours. */
export const formula = (tex: string, display: boolean): string =>
  renderToString(tex, { output: 'mathml', displayMode: display, throwOnError: false });

function formulaExtension(name: string, level: 'block' | 'inline', pattern: RegExp): TokenizerAndRendererExtension {
  return {
    name,
    level,
    start: (source) => source.indexOf(level === 'block' ? '$$' : '$'),
    tokenizer(source) {
      const match = pattern.exec(source);
      return match ? { type: name, raw: match[0], tex: match[1] } : undefined;
    },
    renderer: (token) => formula(String(token['tex']), level === 'block'),
  };
}

const marked = new Marked({
  extensions: [
    formulaExtension('formula-block', 'block', /^\$\$([\s\S]+?)\$\$(?:\n|$)/),
    formulaExtension('formula', 'inline', /^\$(?!\s)((?:\\.|[^\\$\n])+?)(?<!\s)\$(?!\d)/),
  ],
  walkTokens(token) {
    // A workbook's page lies beside this one under its own name.
    if (token.type === 'link') {
      token.href = token.href.replace(/^(?:\.\/|(?:\.\.\/)?notebooks\/)?([\w-]+)\.ipynb(#.*)?$/, '$1.html$2');
    }
  },
  renderer: {
    code({ text, lang }) {
      return `<pre><code>${highlight(text, lang ?? '')}</code></pre>\n`;
    },
  },
});

/** A wide table scrolls in a place of its own, which the keyboard reaches. */
const scrolling = (html: string): string =>
  html
    .replaceAll('<table>', '<div class="scroll" tabindex="0" role="region" aria-label="table"><table>')
    .replaceAll('</table>', '</table></div>');

export const markdown = (text: string): string => scrolling(sanitizeHtml(marked.parse(text, { async: false })));
