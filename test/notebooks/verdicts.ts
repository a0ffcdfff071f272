/** What the README and CITATION.cff say of what shows here: the verdicts of the committed workbooks, written when outputs are recorded. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workbooksIn } from '../../lib/report/build.ts';
import { readNotebook, verdictOf } from '../../lib/report/notebook.ts';
import { countShown } from '../../lib/claims/index.ts';
import { VERDICTS } from '../../lib/report/verdict.ts';
import { FOLDER } from './places.ts';

const verdicts = () =>
  workbooksIn(FOLDER).flatMap((name) => {
    const verdict = verdictOf(readNotebook(join(FOLDER, `${name}.ipynb`)));
    return verdict ? [{ name, ...verdict }] : [];
  });

/** A list a verdict, in the order of the workbooks. */
export function verdictsOfWorkbooks(): string {
  const all = verdicts();
  return VERDICTS.flatMap((word) => {
    const same = all.filter(({ verdict }) => verdict === word);
    if (same.length === 0) return [];
    const lines = same.map(({ name, figure, claim, parts }) => {
      const title = name.startsWith('figure-') ? `Figure ${figure}` : figure;
      const count = parts ? ` (${countShown(parts)})` : '';
      return `- [${title}](notebooks/${name}.ipynb)${count}: ${claim.replaceAll('*', String.raw`\*`)}`;
    });
    return [[`**${word[0]!.toUpperCase()}${word.slice(1)}**`, '', ...lines].join('\n')];
  }).join('\n\n');
}

/** The abstract of CITATION.cff: what the software is, and what shows by the same verdicts. */
export function citationAbstract(): string {
  const all = verdicts();
  const parts = all.flatMap((verdict) => verdict.parts ?? []);
  const words = VERDICTS.map((word) => [word, all.filter(({ verdict }) => verdict === word).length] as const)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}`);
  const ofParts = parts.length === 0 ? '' : ` ${countShown(parts)}.`;
  return (
    'Every figure of Lewkowycz and Gur-Ari, "On the training dynamics of deep networks with L2 regularization" (NeurIPS 2020), from raw training logs ' +
    'in TypeScript notebooks; most networks are smaller than the paper’s. ' +
    `Of ${all.length} workbooks with a verdict: ${words.join(', ')}.${ofParts}`
  );
}

const CITATION = new URL('../../CITATION.cff', import.meta.url);
const LINE = /^abstract: (.*)$/m;

/** The abstract in CITATION.cff; undefined without one. */
export const readAbstract = (): string | undefined => {
  const found = LINE.exec(readFileSync(CITATION, 'utf8'));
  return found?.[1]!.slice(1, -1).replaceAll("''", "'");
};

/** As a single-quoted YAML string. */
export const writeAbstract = (text: string): void =>
  writeFileSync(
    CITATION,
    readFileSync(CITATION, 'utf8').replace(LINE, () => `abstract: '${text.replaceAll("'", "''")}'`),
  );
