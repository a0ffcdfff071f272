/** What moved between two reports: verdicts, parts of claims, numbers, and the logs behind them. */
import { keyed } from './numbers.ts';
import type { Summary } from './page.ts';
import type { VerdictPart } from './verdict.ts';

/** A value before and after. */
export type Move<T> = readonly [before: T, after: T];

/** A part of a claim of which something moved. */
export interface PartMove {
  key: string;
  claim: string;
  measure: string;
  /** `new`, `gone`, or both reports have it. */
  state: 'new' | 'gone' | 'moved';
  verdict?: Move<string>;
  effect?: Move<number | null>;
  interval?: Move<readonly [number, number] | null>;
  n?: Move<number>;
}

/** Paths of logs that only one of the reports read, or that both read with other bytes. */
export interface LogMoves {
  added: string[];
  removed: string[];
  changed: string[];
}

/** A figure of which something moved. */
export interface FigureMove {
  name: string;
  title: string;
  state: 'new' | 'gone' | 'moved';
  verdict?: Move<string>;
  /** What the figure says of itself, where its numbers are not told part by part. */
  summary?: Move<string>;
  /** Why it did not run to its end, '' where it did. */
  error?: Move<string>;
  parts: PartMove[];
  logs: LogMoves;
}

/** What moved since another report. */
export interface Difference {
  /** Commits of the other report, and when the last of its pages was made (ISO 8601). */
  commits: string[];
  madeAt: string;
  figures: FigureMove[];
  /** Titles of figures of which nothing moved, no log either. */
  same: string[];
}

/** Numbers that differ by rounding alone have not moved. */
const TOLERANCE = 1e-9;

function sameNumber(a: number | null, b: number | null): boolean {
  if (a === null || b === null || !Number.isFinite(a) || !Number.isFinite(b)) return Object.is(a, b);
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
}

const sameInterval = (a: VerdictPart['interval'], b: VerdictPart['interval']): boolean =>
  a === null || b === null ? a === b : sameNumber(a[0], b[0]) && sameNumber(a[1], b[1]);

function partMoves(before: readonly VerdictPart[], after: readonly VerdictPart[]): PartMove[] {
  const [old, now] = [before, after].map((parts) => new Map(keyed(parts).map((part) => [part.key, part])));
  const keys = [...new Set([...(now?.keys() ?? []), ...(old?.keys() ?? [])])];
  return keys.flatMap((key): PartMove[] => {
    const [a, b] = [old?.get(key), now?.get(key)];
    const part = b ?? a;
    if (part === undefined) return [];
    const { claim, measure } = part;
    if (a === undefined || b === undefined) return [{ key, claim, measure, state: a === undefined ? 'new' : 'gone' }];
    const move: PartMove = {
      key,
      claim,
      measure,
      state: 'moved',
      ...(a.verdict === b.verdict ? {} : { verdict: [a.verdict, b.verdict] }),
      ...(sameNumber(a.effect, b.effect) ? {} : { effect: [a.effect, b.effect] }),
      ...(sameInterval(a.interval, b.interval) ? {} : { interval: [a.interval, b.interval] }),
      ...(a.n === b.n ? {} : { n: [a.n, b.n] }),
    };
    return (move.verdict ?? move.effect ?? move.interval ?? move.n) ? [move] : [];
  });
}

function logMoves(before: Summary | undefined, after: Summary | undefined): LogMoves {
  const sums = (summary: Summary | undefined) =>
    new Map(
      (summary?.provenance.data ?? [])
        .filter(({ path }) => !path.endsWith('/SHA256SUMS'))
        .map(({ path, sha256 }) => [path, sha256]),
    );
  const [old, now] = [sums(before), sums(after)];
  return {
    added: [...now.keys()].filter((path) => !old.has(path)),
    removed: [...old.keys()].filter((path) => !now.has(path)),
    changed: [...now].filter(([path, sum]) => old.has(path) && old.get(path) !== sum).map(([path]) => path),
  };
}

/** Of one figure; undefined where nothing moved. */
function figureMove(before: Summary | undefined, after: Summary | undefined): FigureMove | undefined {
  const { name, title } = (after ?? before) as Summary;
  const logs = logMoves(before, after);
  if (before === undefined || after === undefined)
    return { name, title, state: before === undefined ? 'new' : 'gone', parts: [], logs };
  const [a, b] = [before.verdict, after.verdict];
  const parts = partMoves(a?.parts ?? [], b?.parts ?? []);
  const [word, was] = [b?.verdict ?? 'no verdict', a?.verdict ?? 'no verdict'];
  const told = [a?.summary ?? '', b?.summary ?? ''] as const;
  const move: FigureMove = {
    name,
    title,
    state: 'moved',
    ...(word === was ? {} : { verdict: [was, word] }),
    ...(parts.length > 0 || told[0] === told[1] ? {} : { summary: told }),
    ...(before.error === after.error ? {} : { error: [before.error ?? '', after.error ?? ''] }),
    parts,
    logs,
  };
  const moved = parts.length + logs.added.length + logs.removed.length + logs.changed.length > 0;
  return moved || move.verdict || move.summary || move.error ? move : undefined;
}

/**
 * What moved from one report to another.
 * @param before summaries of the other report
 * @param after summaries of this one, whose order is kept
 */
export function differenceOf(before: readonly Summary[], after: readonly Summary[]): Difference {
  const old = new Map(before.map((summary) => [summary.name, summary]));
  const now = new Map(after.map((summary) => [summary.name, summary]));
  const names = [...new Set([...now.keys(), ...old.keys()])];
  const moves = names.map((name) => figureMove(old.get(name), now.get(name)));
  return {
    commits: [...new Set(before.map(({ provenance }) => provenance.commit))],
    madeAt:
      before
        .map(({ provenance }) => provenance.madeAt)
        .toSorted()
        .at(-1) ?? '',
    figures: moves.filter((move) => move !== undefined),
    same: names.flatMap((name, i) => (moves[i] === undefined ? [now.get(name)?.title ?? name] : [])),
  };
}
