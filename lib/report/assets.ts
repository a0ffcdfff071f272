/** The files that pages load, copied beside them: classic scripts, since modules and fetch fail from file://. */
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../runs/index.ts';

const modules = join(ROOT, 'node_modules');

/** In the order in which a page must load them. */
export const VEGA_SCRIPTS = ['d3-dsv.min.js', 'vega.min.js', 'vega-lite.min.js', 'vega-embed.min.js'];
export const PLOTLY_SCRIPTS = ['plotly.min.js'];

const FILES: Record<string, string> = {
  'vega.min.js': join(modules, 'vega', 'build', 'vega.min.js'),
  'vega-lite.min.js': join(modules, 'vega-lite', 'build', 'vega-lite.min.js'),
  'vega-embed.min.js': join(modules, 'vega-embed', 'build', 'vega-embed.min.js'),
  // The build that makes no code from text, which the pages' policy forbids.
  'plotly.min.js': join(modules, 'plotly.js-strict-dist-min', 'plotly-strict.min.js'),
  'd3-dsv.min.js': join(modules, 'd3-dsv', 'dist', 'd3-dsv.min.js'),
  'charts.js': join(import.meta.dirname, 'charts.js'),
  'page.js': join(import.meta.dirname, 'page.js'),
  'report.css': join(import.meta.dirname, 'report.css'),
};

/** Where the file of that name is read from. */
export function assetFile(name: string): string {
  const file = FILES[name];
  if (file === undefined)
    throw new Error(`"${name}" is no file of the report's pages; there are ${Object.keys(FILES).join(', ')}`);
  return file;
}

/** Writes a file whole or not at all. */
export function writeWhole(file: string, content: string | Buffer): void {
  const temporary = `${file}.tmp-${process.pid}`;
  writeFileSync(temporary, content);
  renameSync(temporary, file);
}

export function copyAssets(report: string): void {
  const folder = join(report, 'assets');
  mkdirSync(folder, { recursive: true });
  for (const [name, from] of Object.entries(FILES)) {
    copyFileSync(from, join(folder, `${name}.tmp-${process.pid}`));
    renameSync(join(folder, `${name}.tmp-${process.pid}`), join(folder, name));
  }
  // The first page leads to them.
  for (const name of ['LICENSE', 'CITATION.cff']) writeWhole(join(report, name), readFileSync(join(ROOT, name)));
  const licences = ['vega', 'vega-lite', 'vega-embed', 'plotly.js-strict-dist-min', 'd3-dsv'].map(
    (name) => `${name}\n\n${readFileSync(join(modules, name, 'LICENSE'), 'utf8')}`,
  );
  writeWhole(join(folder, 'LICENSES.txt'), licences.join('\n\n----------\n\n'));
}
