/** The README's list of what shows here: the verdicts of the committed workbooks, written when outputs are recorded. */
import { join } from 'node:path';
import { workbooksIn } from '../../lib/report/build.ts';
import { readNotebook, verdictOf } from '../../lib/report/notebook.ts';
import { VERDICTS } from '../../lib/report/verdict.ts';
import { FOLDER } from './places.ts';

/** A list a verdict, in the order of the workbooks. */
export function verdictsOfWorkbooks(): string {
  const verdicts = workbooksIn(FOLDER).flatMap((name) => {
    const verdict = verdictOf(readNotebook(join(FOLDER, `${name}.ipynb`)));
    return verdict ? [{ name, ...verdict }] : [];
  });
  return VERDICTS.flatMap((word) => {
    const same = verdicts.filter(({ verdict }) => verdict === word);
    if (same.length === 0) return [];
    const lines = same.map(({ name, figure, claim }) => {
      const title = name.startsWith('figure-') ? `Figure ${figure}` : figure;
      return `- [${title}](notebooks/${name}.ipynb): ${claim.replaceAll('*', String.raw`\*`)}`;
    });
    return [[`**${word[0]!.toUpperCase()}${word.slice(1)}**`, '', ...lines].join('\n')];
  }).join('\n\n');
}
