/** A small report on disk, as `npm run figures` leaves one, without running any workbook. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFront } from '../../lib/report/build.ts';
import type { Notebook } from '../../lib/report/notebook.ts';
import { type Summary, workbookPage } from '../../lib/report/page.ts';
import { type Verdict, VERDICT_MIME } from '../../lib/report/verdict.ts';

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 20"><title>still</title><path d="M0 0L30 20"/></svg>';

const spec = (name: string) => ({
  description: `What ${name} shows`,
  width: 300,
  height: 150,
  data: {
    values: [
      { step: 1, loss: 3 },
      { step: 2, loss: 2 },
    ],
  },
  mark: { type: 'line', point: true },
  encoding: { x: { field: 'step', type: 'quantitative' }, y: { field: 'loss', type: 'quantitative' } },
});

export const verdictOf = (figure: string, effect: number): Verdict => ({
  figure,
  claim: 'Loss falls.',
  verdict: 'shown',
  summary: `slope ${effect}`,
  parts: [
    {
      panel: `${figure}a`,
      claim: 'Loss falls',
      verdict: 'shown',
      measure: 'slope',
      effect,
      interval: [effect - 0.5, effect + 0.5],
      n: 3,
      of: 'runs',
      words: `slope ${effect}`,
    },
  ],
});

export interface Planted {
  name: string;
  effect: number;
  /** SHA-256 by path of the logs it read. */
  logs?: Record<string, string>;
}

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** What the report keeps of such a workbook. */
export function summaryOf({ name, effect, logs = {} }: Planted): Summary {
  const data = Object.entries(logs).map(([path, sha256]) => ({ path, sha256 }));
  const versions = { node: '24.0.0', typescript: '7.0.2', vega: '6.4.0' };
  return {
    name,
    title: `Workbook ${name}`,
    verdict: verdictOf(name.replace('figure-', ''), effect),
    picture: `${name}.svg`,
    seconds: 1,
    provenance: { madeAt: '2026-11-29T08:00:00.000Z', commit: COMMIT, dirty: false, versions, data },
  };
}

/** Writes a report of these workbooks into a folder of its own. */
export function plantedReport(workbooks: readonly Planted[]): Disposable & { folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'l2-dynamics-report-'));
  for (const each of ['workbooks', 'take-along', 'assets']) mkdirSync(join(folder, each));
  const summaries = workbooks.map((planted) => {
    const summary = summaryOf(planted);
    const { name, verdict } = summary;
    const display = (data: Record<string, unknown>) => [{ output_type: 'display_data' as const, data, metadata: {} }];
    const notebook: Notebook = {
      nbformat: 4,
      metadata: {},
      cells: [
        {
          cell_type: 'markdown',
          metadata: {},
          source: `# Workbook ${name}\n\nSee [another](figure-2.ipynb) and [the web](https://example.org).`,
        },
        {
          cell_type: 'code',
          metadata: { tags: ['figure'] },
          source: 'chart',
          outputs: display({ 'application/vnd.vegalite.v5+json': spec(name), 'image/svg+xml': SVG }),
        },
        {
          cell_type: 'code',
          metadata: {},
          source: 'plotly',
          outputs: display({
            'application/vnd.plotly.v1+json': { data: [{ x: [1, 2], y: [3, 4], type: 'scatter' }], layout: {} },
          }),
        },
        { cell_type: 'code', metadata: {}, source: 'verdict', outputs: display({ [VERDICT_MIME]: verdict }) },
      ],
    };
    const page = workbookPage(notebook, summary);
    for (const file of page.files) writeFileSync(join(folder, 'take-along', file.name), file.data);
    writeFileSync(join(folder, `${name}.html`), page.html);
    writeFileSync(join(folder, `${name}.svg`), SVG);
    writeFileSync(join(folder, 'workbooks', `${name}.ipynb`), JSON.stringify(notebook));
    writeFileSync(join(folder, 'workbooks', `${name}.json`), JSON.stringify(summary));
    return summary;
  });
  writeFront(folder, summaries);
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
