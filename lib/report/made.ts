/** What `npm run figures` left in its folder, read again. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workbooksIn } from './build.ts';
import { type Notebook, readNotebook } from './notebook.ts';
import type { Summary } from './page.ts';

/** A workbook that was run, and what its page says. */
export interface Made {
  summary: Summary;
  notebook: Notebook;
}

/**
 * The workbooks of a report, in the order of its first page.
 * @param report folder that `npm run figures` wrote
 * @throws Error where the folder holds no report
 */
export function readReport(report: string): Made[] {
  const folder = join(report, 'workbooks');
  const made = workbooksIn(folder).flatMap((name) => {
    const summary = join(folder, `${name}.json`);
    return existsSync(summary)
      ? [
          {
            summary: JSON.parse(readFileSync(summary, 'utf8')) as Summary,
            notebook: readNotebook(join(folder, `${name}.ipynb`)),
          },
        ]
      : [];
  });
  if (made.length === 0) throw new Error(`${report} holds no report (workbooks/*.json): "npm run figures" makes it`);
  return made;
}
