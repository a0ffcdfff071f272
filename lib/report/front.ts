/** The report's first page: what the paper says, what shows here at a glance, and a card a figure. */
import type { Difference } from './difference.ts';
import { differenceHtml } from './difference-html.ts';
import { escapeHtml } from './html.ts';
import { badge, document, MARKS, partsTable, shownOf, type Summary } from './page.ts';
import type { VerdictPart } from './verdict.ts';

const PAPER = 'https://arxiv.org/abs/2006.08643';

/** The paper in five sentences, in our words. */
const SAYS = [
  'Trained by plain gradient descent with learning rate η and L2 coefficient λ, a network with more parameters than it needs reaches its best test accuracy after a time t* = c/(η λ).',
  'Given that time, its best accuracy is nearly the same for every η and every small λ; in a fixed time there is a best λ in between.',
  'So the best λ for a budget of T epochs can be predicted from one short run at a large λ: it is c/T.',
  'AutoL2, a schedule that starts with a large λ and lowers it when progress stops, learns faster than a constant λ.',
  'At infinite width theory explains why: L2 makes the network’s tangent kernel, and with it the function, decay, which it does not for a linear model.',
];

/** Words of this report, for readers from other fields. */
const GLOSSARY: readonly (readonly [string, string])[] = [
  ['η, learning rate', 'how far one training step moves the weights against the gradient'],
  ['λ, L2 coefficient', 'how strongly training pulls all weights towards 0'],
  ['step, epoch', 'one update of the weights; one pass over all training images'],
  ['t*', 'the time at which test accuracy first comes within 0.005 of its maximum'],
  ['c', 'the constant of the law t* = c/(η λ), measured from one run or fitted to many'],
  [
    'decay time',
    '1/(η λ) steps, by the paper’s convention: the time in which L2 alone shrinks weights by a factor of e',
  ],
  ['training accuracy 1, the fit', 'the first moment at which every training image is classified rightly'],
  ['overparameterized', 'able to reach training accuracy 1 without L2'],
  ['measurement (a look)', 'test and training accuracy, taken at fixed steps spaced evenly in the logarithm of time'],
  ['plateau', 'a range of λ over which the best test accuracy hardly changes'],
  ['seed', 'the number that fixes random weights and the order of images; several seeds tell luck from effect'],
  ['interval', '95 % confidence interval, from seeds or from the fit; written [low, high]'],
  ['desk', 'the sizes that two processor cores train in hours; “paper” are the paper’s own'],
  ['stand-in', 'a smaller network or fewer images in the place of the paper’s'],
];

function partCell(part: VerdictPart): string {
  const { panel, claim, verdict } = part;
  const title = `${panel}: ${claim}: ${verdict}`;
  return `<td class="${verdict.replaceAll(' ', '-')}" title="${escapeHtml(title)}"><span class="mark">${MARKS[verdict]}</span> ${escapeHtml(panel)}</td>`;
}

const WORD_PART: Record<string, VerdictPart['verdict']> = {
  shown: 'shown',
  'not shown': 'not shown',
  'shown in part': 'undecided',
  'not tested here': 'undecided',
};

/** One row a figure: its parts as lettered, coloured cells, and what stands in for the paper's network. */
function matrix(summaries: readonly Summary[]): string {
  const judged = summaries.filter(({ verdict }) => verdict !== undefined);
  if (judged.length === 0) return '';
  const columns = Math.max(1, ...judged.map(({ verdict }) => verdict?.parts?.length ?? 1));
  const rows = judged.map(({ name, verdict }) => {
    const parts = verdict?.parts ?? [];
    const word = verdict?.verdict ?? '';
    const cells =
      parts.length > 0
        ? parts.map(partCell).join('')
        : `<td class="${WORD_PART[word]?.replaceAll(' ', '-')}">${escapeHtml(word)}</td>`;
    const empty = columns - Math.max(1, parts.length);
    return `<tr><th scope="row"><a href="#${escapeHtml(name)}">${escapeHtml(verdict?.figure ?? name)}</a></th>${cells}${empty > 0 ? `<td colspan="${empty}"></td>` : ''}<td class="quiet">${escapeHtml(verdict?.standIn ?? 'as in the paper')}</td></tr>`;
  });
  return `<h2 id="at-a-glance">At a glance</h2>
<p>A row a figure, a cell a part of its claim: <span class="key shown">${MARKS.shown} shown</span> <span class="key not-shown">${MARKS['not shown']} not shown</span>
<span class="key undecided">${MARKS.undecided} undecided</span> by the raw logs here, which are mostly of smaller networks than the paper’s (last column).</p>
<div class="scroll" tabindex="0" role="region" aria-label="figures and the parts of their claims"><table class="matrix">
<thead><tr><th>figure</th><th colspan="${columns}">parts of the claim</th><th>what is smaller than in the paper</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>`;
}

function card(summary: Summary): string {
  const { name, title, verdict, picture, error } = summary;
  const word = error === undefined ? verdict?.verdict : 'failed';
  const link = `${encodeURIComponent(name)}.html`;
  const parts = verdict?.parts ?? [];
  const lines = [
    `<h3><a href="${link}">${escapeHtml(title)}</a></h3>`,
    word === undefined ? '' : `<p>${badge(word)}${parts.length > 0 ? ` ${shownOf(parts)}` : ''}</p>`,
    picture
      ? `<a href="${link}"><img src="${encodeURIComponent(picture)}" alt="${escapeHtml(verdict?.claim ?? title)}"></a>`
      : '',
    verdict
      ? `<p>${escapeHtml(verdict.claim)}</p>\n<p class="quiet">${escapeHtml(verdict.sentence ?? verdict.summary)}</p>`
      : '',
    parts.length > 0 ? `<details><summary>Part by part</summary>${partsTable(parts)}</details>` : '',
    verdict?.standIn ? `<p class="quiet"><em>Stand-in: ${escapeHtml(verdict.standIn)}</em></p>` : '',
    error === undefined ? '' : `<p class="failure output">${escapeHtml(error)}</p>`,
  ];
  return `<li class="card${summary.wide ? ' wide' : ''}" id="${escapeHtml(name)}">${lines.filter(Boolean).join('\n')}</li>`;
}

const START = 'start-here';

/**
 * The content of the first page.
 * @param difference what moved since another report, told on the page
 */
export function indexMain(summaries: readonly Summary[], difference?: Difference): string {
  const start = summaries.find(({ name }) => name === START);
  const judged = summaries.flatMap(({ verdict }) => (verdict ? [verdict.verdict] : []));
  const counts = [...new Set(judged)].map((word) => `${judged.filter((each) => each === word).length} ${word}`);
  return `<main><h1>On the training dynamics of deep networks with L2 regularization</h1>
<p>Every figure of the paper by Aitor Lewkowycz and Guy Gur-Ari (NeurIPS 2020), made again from raw training logs by the l2-dynamics authors.
<a href="${PAPER}">Paper</a> · <a href="CITATION.cff">How to cite</a> · <a href="LICENSE">Licence (Apache 2.0)</a> · Numbers for a manuscript: <a href="numbers.json">JSON</a>, <a href="numbers.tex">TeX</a> · <a href="#how-to-read">How to read this</a> · <a href="#glossary">Terms</a></p>
<h2>What the paper says</h2>
<ol>${SAYS.map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join('\n')}</ol>
${difference === undefined ? '' : differenceHtml(difference)}
${matrix(summaries)}
<h2 id="how-to-read">How to read this</h2>
<p>Each figure has a card below: the claim, a picture, whether the claim shows in the logs that were trained here, and what is smaller than in the paper.
${counts.length > 0 ? `Of ${judged.length} workbooks with a verdict: ${escapeHtml(counts.join(', '))}.` : ''}
The picture leads to the figure’s page: claim, verdict and picture first, then how it was measured, with the code folded and the checksum of every log at the end.
Verdicts are computed from the logs by rules that say when they were set; “not shown” is a result, too.
${start ? `Start with <a href="${START}.html">${escapeHtml(start.title)}</a>.` : ''}</p>
<h2 id="figures">The figures</h2>
<ul class="cards">
${summaries.map((summary) => card(summary)).join('\n')}
</ul>
<h2 id="glossary">Terms</h2>
<dl>${GLOSSARY.map(([term, text]) => `<dt>${escapeHtml(term)}</dt><dd>${escapeHtml(text)}</dd>`).join('\n')}</dl></main>`;
}

/** The first page. */
export function indexPage(summaries: readonly Summary[], difference?: Difference): string {
  const commits = [
    ...new Set(
      summaries.map(({ provenance }) => `${provenance.commit.slice(0, 12)}${provenance.dirty ? ' (changed)' : ''}`),
    ),
  ];
  const body = `${indexMain(summaries, difference)}
<footer><p>Made at commit ${commits.map((commit) => `<code>${escapeHtml(commit)}</code>`).join(', ')} by <code>npm run figures</code>.</p></footer>`;
  return document('l2-dynamics: the figures', body);
}
