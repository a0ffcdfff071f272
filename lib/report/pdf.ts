/** The report on paper: one PDF with contents, page numbers and bookmarks, printed by a Chromium. */
import { readFileSync } from 'node:fs';
import { findBrowser } from './browser.ts';
import { assetFile } from './assets.ts';
import { indexMain } from './front.ts';
import { escapeHtml } from './html.ts';
import type { Made } from './made.ts';
import { noNeeds } from './outputs.ts';
import { workbookMain } from './page.ts';
import { contentSecurityPolicy } from './policy.ts';

export const PDF_NAME = 'l2-dynamics.pdf';

const pageId = (name: string): string => `page-${name}`;

/** Where the parts of the document begin, by the id of their element. */
export type Contents = ReadonlyMap<string, number>;

/** Links between pages lead within the document; what can be saved from a screen cannot from paper. */
function onPaper(html: string, prefix: string, names: readonly string[]): string {
  return html
    .replaceAll(/href="([\w-]+)\.html(?:#[\w-]+)?"/g, (whole, page: string) =>
      names.includes(page) ? `href="#${pageId(page)}"` : whole,
    )
    .replaceAll(/<p class="take-along">.*?<\/p>/g, '')
    .replaceAll(/<details class="code">[\s\S]*?<\/details>/g, '')
    .replaceAll(/<script[\s\S]*?<\/script>/g, '')
    .replaceAll(/(<a href="#)(figure|verdict|how)"/g, `$1${prefix}$2"`);
}

/** The document that is printed. Without `contents` its page numbers stand open. */
export function printable(made: readonly Made[], contents?: Contents): string {
  const names = made.map(({ summary }) => summary.name);
  const entry = (id: string, title: string) =>
    `<li><a href="#${id}"><span>${escapeHtml(title)}</span> <span class="number">${contents?.get(id) ?? '000'}</span></a></li>`;
  const entries = made.map(({ summary }) => entry(pageId(summary.name), summary.title));
  const sections = made.map(({ summary, notebook }) => {
    const prefix = `${summary.name}-`;
    const main = workbookMain(notebook, summary, noNeeds(summary.name, { prefix }));
    return `<article id="${escapeHtml(pageId(summary.name))}">${onPaper(main, prefix, names)}</article>`;
  });
  // The cards would show each picture twice: their figures follow.
  const front = onPaper(indexMain(made.map(({ summary }) => summary)), '', names)
    .replace(/<h2 id="figures">[\s\S]*?<\/ul>/, '')
    .replaceAll(/href="#([\w-]+)"/g, (whole, id: string) => (names.includes(id) ? `href="#${pageId(id)}"` : whole))
    .replaceAll(/<a href="(?:LICENSE|CITATION\.cff|numbers\.\w+)">([^<]*)<\/a>/g, '$1');
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8">${contentSecurityPolicy([])}<title>l2-dynamics: the figures</title><style>${readFileSync(assetFile('report.css'), 'utf8')}</style></head>
<body class="paper">
<article>${front}</article>
<article id="contents"><h1>Contents</h1><ol class="contents">${entries.join('\n')}</ol></article>
${sections.join('\n')}
</body>
</html>`;
}

/** The page (from 1) on which each linked element of a PDF of Chromium's lies, by its id. */
export function pagesOf(pdf: Uint8Array): Contents {
  const text = Buffer.from(pdf).toString('latin1');
  const pages = [...text.matchAll(/(\d+) 0 obj\s*<<\/Type \/Page\s/g)].map(([, object]) => object);
  const places = text.matchAll(/\/([\w#-]+) \[(\d+) 0 R \/XYZ/g);
  return new Map([...places].map(([, name = '', object]) => [name.replaceAll('#2D', '-'), pages.indexOf(object) + 1]));
}

const FOOTER = `<div style="width: 100%; padding: 0 15mm; font: 8pt sans-serif; color: #57606a; display: flex; justify-content: space-between">
<span class="title"></span><span><span class="pageNumber"></span> of <span class="totalPages"></span></span></div>`;

/**
 * The PDF of a report, A4, with bookmarks.
 * @throws Error where there is no Chromium, with what to do
 */
export async function pdfOf(made: readonly Made[]): Promise<Uint8Array> {
  const executablePath = await findBrowser();
  // Only whoever prints needs them.
  const [{ launch }, { default: chromium }] = await Promise.all([
    import('puppeteer-core'),
    import('@sparticuz/chromium'),
  ]);
  const browser = await launch({ executablePath, args: chromium.args, headless: 'shell', protocolTimeout: 600_000 });
  try {
    const page = await browser.newPage();
    await page.setOfflineMode(true);
    const print = async (html: string) => {
      await page.setContent(html, { waitUntil: 'load', timeout: 300_000 });
      return page.pdf({
        format: 'A4',
        printBackground: true,
        displayHeaderFooter: true,
        headerTemplate: '<span></span>',
        footerTemplate: FOOTER,
        margin: { top: '15mm', bottom: '17mm', left: '15mm', right: '15mm' },
        outline: true,
        tagged: true,
        timeout: 300_000,
      });
    };
    // Where parts begin is known once they are printed; three digits stand in the first print for each number of the second.
    return await print(printable(made, pagesOf(await print(printable(made)))));
  } finally {
    await browser.close();
  }
}
