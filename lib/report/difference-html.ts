/** The first page's section on what moved since another report, and the same as lines of text. */
import type { Difference, FigureMove, LogMoves, Move, PartMove } from './difference.ts';
import { escapeHtml } from './html.ts';

const DIGITS = 4;

const number = (value: number | null): string => (value === null ? 'none' : String(Number(value.toPrecision(DIGITS))));

const interval = (value: readonly [number, number] | null): string =>
  value === null ? 'no interval' : `[${value.map(number).join(', ')}]`;

const arrow = <T>(move: Move<T> | undefined, text: (value: T) => string): string[] =>
  move === undefined ? [] : [`${text(move[0])} → ${text(move[1])}`];

/** What moved of a part, in words: 'undecided → shown; slope -1.2 → -1 [-1.1, -0.9]'. */
function partWords({ measure, state, verdict, effect, interval: range, n }: PartMove): string {
  if (state !== 'moved') return state;
  return [
    ...arrow(verdict, String),
    ...arrow(effect, number).map((text) => `${measure} ${text}`),
    ...arrow(range, interval),
    ...arrow(n, (count) => `n = ${count}`),
  ].join('; ');
}

function logWords({ added, removed, changed }: LogMoves): string {
  const count = (paths: readonly string[], what: string) => (paths.length === 0 ? [] : [`${paths.length} ${what}`]);
  const words = [...count(added, 'new'), ...count(changed, 'changed'), ...count(removed, 'gone')];
  return words.length === 0 ? 'the same logs: code or versions' : `logs: ${words.join(', ')}`;
}

const pathsOf = ({ added, removed, changed }: LogMoves): string[] => [
  ...added.map((path) => `+ ${path}`),
  ...changed.map((path) => `± ${path}`),
  ...removed.map((path) => `− ${path}`),
];

/** What moved of a figure, a line each. */
function figureWords({ state, verdict, summary, error, parts }: FigureMove): string[] {
  if (state !== 'moved') return [state === 'new' ? 'new figure' : 'figure is gone'];
  const lines = [
    ...arrow(verdict, String),
    ...arrow(error, (text) => (text === '' ? 'ran to its end' : `failed (${text})`)),
    ...parts.map((part) => `${part.key}, ${part.claim}: ${partWords(part)}`),
    ...(summary === undefined ? [] : [`before: ${summary[0]}`, `now: ${summary[1]}`]),
  ];
  return lines.length > 0 ? lines : ['no verdict and no number moved'];
}

const since = ({ commits, madeAt }: Difference): string =>
  `the report of ${madeAt.slice(0, 10)}${commits.length > 0 ? ` (commit ${commits.map((commit) => commit.slice(0, 12)).join(', ')})` : ''}`;

const unchanged = ({ same }: Difference): string =>
  same.length === 0 ? '' : `Nothing moved in ${same.length} other${same.length === 1 ? '' : 's'}.`;

/** The section of the first page. */
export function differenceHtml(difference: Difference): string {
  const rows = difference.figures.map((figure) => {
    const paths = pathsOf(figure.logs);
    const list =
      paths.length === 0 ? '' : `<details><summary>which</summary>${paths.map(escapeHtml).join('<br>')}</details>`;
    return `<tr><th scope="row">${figure.state === 'gone' ? escapeHtml(figure.title) : `<a href="#${escapeHtml(figure.name)}">${escapeHtml(figure.title)}</a>`}</th>
<td>${figureWords(figure).map(escapeHtml).join('<br>')}</td><td>${logWords(figure.logs)}${list}</td></tr>`;
  });
  const table =
    rows.length === 0
      ? ''
      : `<div class="scroll" tabindex="0" role="region" aria-label="what moved"><table class="difference">
<thead><tr><th>figure</th><th>what moved</th><th>by what</th></tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
  return `<h2 id="what-moved">What moved since ${escapeHtml(since(difference))}</h2>
<p>${rows.length === 0 ? 'No verdict, no number and no log moved.' : escapeHtml(unchanged(difference))}</p>
${table}`;
}

/** The same for a terminal. */
export function differenceText(difference: Difference): string {
  const lines = difference.figures.flatMap((figure) => [
    `${figure.title} (${logWords(figure.logs)})`,
    ...figureWords(figure).map((line) => `  ${line}`),
  ]);
  return [
    `Since ${since(difference)}:`,
    ...lines,
    lines.length === 0 ? 'no verdict, no number and no log moved' : unchanged(difference),
  ]
    .filter(Boolean)
    .join('\n');
}
