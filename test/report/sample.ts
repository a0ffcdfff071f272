// A small workbook with one of everything that the report shows, made into a folder inside the repository so that imports resolve.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../lib/runs/index.ts';

export interface SampleCell {
  type: 'markdown' | 'code';
  source: string;
  tags?: string[];
}

const CHART = `const spec = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  description: 'Three points on a line',
  width: 300,
  height: 150,
  data: { values: [{ step: 1, loss: 3 }, { step: 2, loss: 2 }, { step: 3, loss: 1 }] },
  mark: { type: 'line', point: true },
  encoding: { x: { field: 'step', type: 'quantitative' }, y: { field: 'loss', type: 'quantitative' } },
};
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="150"><title>still</title><path d="M0 0L300 150" stroke="black"/></svg>';
({ [Symbol.for('Jupyter.display')]: () => ({ 'application/vnd.vegalite.v5+json': spec, 'image/svg+xml': svg, 'text/plain': 'chart' }) });`;

const PLOTLY = `({ [Symbol.for('Jupyter.display')]: () => ({
  'application/vnd.plotly.v1+json': { data: [{ x: [1, 2, 3], y: [3, 1, 2], type: 'scatter' }], layout: { title: { text: 'Plotly' } } },
  'text/plain': 'plot',
}) });`;

const VERDICT = `import { verdict } from '../../lib/report/index.ts';
verdict({ figure: '2a', claim: 'Loss falls by 1 a step.', verdict: 'shown', summary: 'slope ' + slope, standIn: 'three points', data: ['CITATION.cff'] });`;

export const SAMPLE: SampleCell[] = [
  {
    type: 'markdown',
    source:
      '# A sample\n\nWith $\\eta \\lambda = 1$, a `word` of code and\n\n$$t^* \\sim \\frac{c}{\\eta\\lambda}$$\n\n| a | b |\n|---|---|\n| 1 | <2> |',
  },
  { type: 'code', source: 'const slope: number = -1;\nconsole.log("printed <b>");' },
  { type: 'code', source: CHART, tags: ['figure'] },
  { type: 'code', source: PLOTLY },
  { type: 'code', source: 'throw new Error("a live cell was run");', tags: ['live'] },
  { type: 'code', source: VERDICT },
];

/** A notebook file of these cells. */
export function writeNotebook(file: string, cells: readonly SampleCell[]): void {
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: 'typescript', display_name: 'TypeScript', language: 'typescript' } },
    cells: cells.map(({ type, source, tags }, i) => ({
      id: `cell-${i}`,
      cell_type: type,
      metadata: tags ? { tags } : {},
      source,
      ...(type === 'code' ? { outputs: [], execution_count: null } : {}),
    })),
  };
  writeFileSync(file, `${JSON.stringify(notebook, null, 1)}\n`);
}

export interface SampleFolder extends Disposable {
  notebooks: string;
  report: string;
}

/** An empty folder for notebooks, two levels below the repository's root, and one for their report. */
export function sampleFolder(): SampleFolder {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const notebooks = mkdtempSync(join(ROOT, '.cache', 'sample-'));
  const report = join(notebooks, 'report');
  return { notebooks, report, [Symbol.dispose]: () => rmSync(notebooks, { recursive: true, force: true }) };
}
