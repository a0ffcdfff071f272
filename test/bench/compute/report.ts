/** The tables of a measurement. */
import { readFileSync, writeFileSync } from 'node:fs';

export interface Measurement {
  contestant: string;
  /** ms a step, one entry a repeat. */
  ms: number[];
  /** Steps between two looks at the clock. */
  stepsACall: number;
  /** Loss after the same number of steps from the same numbers. */
  loss: number;
  /** Largest resident memory of the process, bytes. */
  memory: number;
  /** From the start of the process to the end of its first step, ms. */
  firstStep: number;
}

export interface Result {
  date: string;
  command: string;
  cpu: string;
  cores: number;
  threads: number;
  /** Load average of the last minute when it began: what else the machine was doing. */
  load: number;
  repeats: number;
  /** Measured speed of a 1024 x 1024 x 1024 product of matrices, flop a second. */
  peak: number;
  cases: {
    name: string;
    title: string;
    flops: number;
    measurements: Measurement[];
    failures: Record<string, string>;
  }[];
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};
const digits = (value: number): string => value.toPrecision(value >= 100 ? 3 : 2 + Number(value >= 10));

/** Whether other work will have disturbed the numbers. */
export const isDisturbed = ({ load, cores }: Pick<Result, 'load' | 'cores'>): boolean => load > 0.3 * cores;

const about = (result: Result): string =>
  `${result.date.slice(0, 10)}, ${result.cpu}, ${result.cores} cores, ${result.threads} thread${result.threads === 1 ? '' : 's'} a process, ` +
  `${result.repeats} interleaved repeats, \`${result.command}\`.` +
  (isDisturbed(result)
    ? ` **Not a measurement to quote: other work was running (load ${result.load.toFixed(1)} at the start).**`
    : '');

/** One row a case, one column a contestant: ms a step. */
export function shortTable(result: Result, titles: Record<string, string>): string {
  const ids = Object.keys(titles).filter((id) =>
    result.cases.some((c) => c.measurements.some((m) => m.contestant === id)),
  );
  const rows = result.cases.map(({ title, measurements }) => {
    const cells = ids.map((id) => {
      const found = measurements.find((m) => m.contestant === id);
      return found ? digits(median(found.ms)) : '–';
    });
    return `| ${[title, ...cells].join(' | ')} |`;
  });
  const head = `| ms a step, median | ${ids.map((id) => titles[id]).join(' | ')} |`;
  return [head, `|---|${ids.map(() => '---').join('|')}|`, ...rows, '', about(result)].join('\n');
}

/** Everything: spread, share of the matmul peak, memory, time to the first step. */
export function fullTable(result: Result, titles: Record<string, string>): string {
  const sections = result.cases.map(({ title, flops, measurements, failures }) => {
    const ours = measurements.find((m) => m.contestant === 'ours');
    const rows = measurements.map((m) => {
      const ms = median(m.ms);
      const same = !ours || Math.abs(m.loss - ours.loss) < 1e-3 * Math.abs(ours.loss);
      return `| ${[
        titles[m.contestant],
        digits(ms),
        `${digits(Math.min(...m.ms))} to ${digits(Math.max(...m.ms))}`,
        ours ? `${(ms / median(ours.ms)).toFixed(2)} x` : '',
        `${((100 * flops) / (ms / 1000) / result.peak).toFixed(0)} %`,
        `${(m.memory / 1e6).toFixed(0)} MB`,
        `${(m.firstStep / 1000).toFixed(1)} s`,
        same ? 'yes' : `no: ${m.loss}`,
      ].join(' | ')} |`;
    });
    const failed = Object.entries(failures).map(([id, why]) => `- ${titles[id]}: not measured, ${why}`);
    return [
      `### ${title}`,
      '',
      '| | ms a step | least to most | of lib/compute | of the matmul peak | memory | first step after | same loss |',
      '|---|---|---|---|---|---|---|---|',
      ...rows,
      ...(failed.length ? ['', ...failed] : []),
    ].join('\n');
  });
  const peak = `Matmul peak: ${(result.peak / 1e9).toFixed(0)} Gflop/s, measured in the same run.`;
  return [about(result), '', peak, '', sections.join('\n\n')].join('\n');
}

/** Replaces what stands between `<!-- <name> -->` and `<!-- /<name> -->` in a file. */
export function writeBetween(file: URL, name: string, text: string): void {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const old = readFileSync(file, 'utf8');
  const [start, end] = [old.indexOf(open), old.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`${file.pathname} has no ${open} ... ${close}`);
  writeFileSync(file, `${old.slice(0, start + open.length)}\n\n${text}\n\n${old.slice(end)}`);
}
