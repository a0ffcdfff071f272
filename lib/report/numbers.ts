/** The report's verdicts and numbers for a manuscript: as JSON, and as macros of LaTeX. */
import type { Summary } from './page.ts';
import type { VerdictPart } from './verdict.ts';

/** A part of a claim under the key by which it is cited: its panel, with a number where a panel has several. */
export type KeyedPart = VerdictPart & { key: string };

/** One figure of `numbers.json`. */
export interface FigureNumbers {
  /** The workbook's name. */
  name: string;
  /** The paper's number of the figure. */
  figure: string;
  title: string;
  claim: string;
  verdict: string;
  sentence: string;
  standIn?: string;
  parts: KeyedPart[];
}

/** `numbers.json`. */
export interface Numbers {
  /** Raised when a field changes its meaning. */
  schema: 1;
  /** Commits at which workbooks were run, one if the report was made in one go. */
  commits: string[];
  figures: FigureNumbers[];
}

/** Parts under their keys: `2b`, then `2b-2`, `2b-3` for further parts of that panel. */
export function keyed(parts: readonly VerdictPart[]): KeyedPart[] {
  const seen = new Map<string, number>();
  return parts.map((part) => {
    const count = (seen.get(part.panel) ?? 0) + 1;
    seen.set(part.panel, count);
    return { key: count === 1 ? part.panel : `${part.panel}-${count}`, ...part };
  });
}

/** The numbers of workbooks that give a verdict, in their order. */
export function numbersOf(summaries: readonly Summary[]): Numbers {
  const judged = summaries.flatMap(({ name, title, verdict }) =>
    verdict === undefined ? [] : [{ name, title, verdict }],
  );
  return {
    schema: 1,
    commits: [
      ...new Set(summaries.map(({ provenance }) => `${provenance.commit}${provenance.dirty ? ' (changed)' : ''}`)),
    ],
    figures: judged.map(({ name, title, verdict }) => ({
      name,
      figure: verdict.figure,
      title,
      claim: verdict.claim,
      verdict: verdict.verdict,
      sentence: verdict.sentence ?? verdict.summary,
      ...(verdict.standIn === undefined ? {} : { standIn: verdict.standIn }),
      parts: keyed(verdict.parts ?? []),
    })),
  };
}

const DIGITS = 3;

/** A number as TeX sets it, to three digits: `-0.63`, `1.5\times 10^{-5}`. */
export function texNumber(value: number): string {
  const short = Number(value.toPrecision(DIGITS));
  const [mantissa = '', exponent] = (
    Math.abs(short) < 1e-3 || Math.abs(short) >= 1e6 ? short.toExponential() : String(short)
  ).split('e');
  const power = Number(exponent ?? 0);
  return `\\ensuremath{${mantissa}${short === 0 || power === 0 ? '' : `\\times 10^{${power}}`}}`;
}

const TEX_SIGNS: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  η: '\\ensuremath{\\eta}',
  λ: '\\ensuremath{\\lambda}',
  σ: '\\ensuremath{\\sigma}',
  '−': '\\ensuremath{-}',
  '×': '\\ensuremath{\\times}',
  '·': '\\ensuremath{\\cdot}',
  '≈': '\\ensuremath{\\approx}',
  '≤': '\\ensuremath{\\le}',
  '≥': '\\ensuremath{\\ge}',
  '→': '\\ensuremath{\\to}',
  '’': "'",
  '“': '``',
  '”': "''",
  '–': '--',
  '…': '\\dots{}',
};

/** Text as TeX prints it. A character that no TeX knows by itself becomes `?`. */
export const texText = (text: string): string =>
  text
    .replaceAll(/[\\{}~^ηλσ−×·≈≤≥→’“”–…]/g, (sign) => TEX_SIGNS[sign] ?? sign)
    // The replacements above bring braces of their own: only signs that stand by themselves are left to escape.
    .replaceAll(/[&%$#_]/g, (sign) => `\\${sign}`)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[^\u0020-\u007e\u00c0-\u00ff]/gu, '?');

function figureLines({ name, figure, claim, verdict, sentence, standIn, parts }: FigureNumbers): string[] {
  const define = (key: string, text: string) => `\\@namedef{ltwo@${name}.${key}}{${text}}`;
  return [
    define('figure', texText(figure)),
    define('claim', texText(claim)),
    define('verdict', texText(verdict)),
    define('sentence', texText(sentence)),
    ...(standIn === undefined ? [] : [define('standin', texText(standIn))]),
    ...parts.flatMap(({ key, claim: part, verdict: word, measure, effect, interval, n, of, words }) => [
      define(`${key}.claim`, texText(part)),
      define(`${key}.verdict`, texText(word)),
      define(`${key}.measure`, texText(measure)),
      ...(effect === null ? [] : [define(`${key}.effect`, texNumber(effect))]),
      ...(interval === null ? [] : [define(`${key}.interval`, `[${interval.map(texNumber).join(', ')}]`)]),
      define(`${key}.n`, String(n)),
      define(`${key}.of`, texText(of)),
      define(`${key}.words`, texText(words)),
    ]),
  ];
}

/** The numbers as a file to `\input`: `\ltwo{figure-2.2b.effect}` prints one, and a key that is not there is an error. */
export function texOf(numbers: Numbers): string {
  const example = numbers.figures.find(({ parts }) => parts.length > 0);
  const key = example === undefined ? 'figure-2.verdict' : `${example.name}.${example.parts[0]?.key}.effect`;
  return `% Verdicts and numbers of l2-dynamics at commit ${numbers.commits.join(', ')}; numbers to ${DIGITS} digits, all of them in numbers.json.
% \\input{numbers} in the preamble, then e.g. \\ltwo{${key}}.
\\makeatletter
\\DeclareRobustCommand*\\ltwo[1]{\\@ifundefined{ltwo@#1}{\\PackageError{l2-dynamics}{There is no number "#1"}{The keys are in numbers.tex.}}{\\@nameuse{ltwo@#1}}}
${numbers.figures.flatMap(figureLines).join('\n')}
\\makeatother
`;
}
