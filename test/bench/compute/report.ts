/** The tables of a measurement. */
import { median } from '../../../lib/analysis/index.ts';

export interface Measurement {
  contestant: string;
  /** ms a step, one entry a turn. */
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

/** When, where and how a row was measured. */
export interface Conditions {
  date: string;
  command: string;
  cpu: string;
  cores: number;
  threads: number;
  /** Load average of the last minute when the bench began: what else the machine was doing. */
  load: number;
  repeats: number;
  /** Measured speed of a 1024 x 1024 x 1024 product of matrices, flop a second. */
  peak: number;
}

/** A network, or the sweep. */
export interface Row {
  name: string;
  title: string;
  flops: number;
  /** Whether the contestants took turns, or ran one after the other. */
  together: boolean;
  measurements: Measurement[];
  failures: Record<string, string>;
  /** Of the sweep: what was measured, as text. */
  throughput?: { title: string; seconds: number; runs: number; steps: number }[];
  conditions?: Conditions;
}

/** What is going on, in a terminal's last line. */
export function progress(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text}`);
}

const digits = (value: number): string =>
  value >= 1000 ? value.toFixed(0) : value.toPrecision(value >= 100 ? 3 : 2 + Number(value >= 10));

/** Whether other work will have disturbed the numbers. */
const isDisturbed = ({ load, cores }: Conditions): boolean => load > 0.3 * cores;

const about = (conditions: Conditions): string =>
  `${conditions.date.slice(0, 10)}, ${conditions.cpu}, ${conditions.cores} cores, ` +
  `${conditions.threads} thread${conditions.threads === 1 ? '' : 's'} a process, up to ${conditions.repeats} turns, ` +
  `\`${conditions.command}\`.` +
  (isDisturbed(conditions) ? ` **Provisional: the load average was ${conditions.load.toFixed(1)} at the start.**` : '');

const abouts = (rows: readonly Row[]): string[] => [...new Set(rows.map(({ conditions }) => about(conditions!)))];

/** One row a case, one column a contestant: ms a step. */
export function shortTable(rows: readonly Row[], titles: Record<string, string>): string {
  const networks = rows.filter(({ throughput }) => !throughput);
  const ids = Object.keys(titles).filter((id) =>
    networks.some((row) => row.measurements.some((m) => m.contestant === id)),
  );
  const lines = networks.map(({ title, measurements }) => {
    const medians = new Map(measurements.map((m) => [m.contestant, median(m.ms)]));
    const best = Math.min(...medians.values());
    const cells = ids.map((id) => {
      const ms = medians.get(id);
      return ms === undefined ? '–' : ms === best ? `**${digits(ms)}**` : digits(ms);
    });
    return `| ${[title, ...cells].join(' | ')} |`;
  });
  const head = `| ms a step, median | ${ids.map((id) => titles[id]).join(' | ')} |`;
  const sweeps = rows.flatMap(({ throughput = [] }) => throughput).map(throughputLine);
  return [
    ...(lines.length ? [head, `|---|${ids.map(() => '---').join('|')}|`, ...lines, ''] : []),
    ...(sweeps.length ? [...sweeps, ''] : []),
    ...abouts(rows),
  ].join('\n');
}

const throughputLine = ({ title, seconds, runs, steps }: NonNullable<Row['throughput']>[number]): string =>
  `- ${title}: ${runs} runs of ${steps} steps in ${seconds.toFixed(0)} s, ${((runs * steps) / seconds).toFixed(0)} steps a second.`;

/** Everything: spread, share of the matmul peak, memory, time to the first step. */
export function fullTable(rows: readonly Row[], titles: Record<string, string>): string {
  const sections = rows.map(({ title, flops, together, measurements, failures, throughput, conditions }) => {
    const head = [`### ${title}`, '', about(conditions!)];
    const failed = Object.entries(failures).map(([id, why]) => `- ${titles[id] ?? id}: not measured, ${why}`);
    if (throughput) return [...head, '', ...throughput.map(throughputLine), ...failed].join('\n');
    const ours = measurements.find((m) => m.contestant === 'ours');
    const lines = measurements.map((m) => {
      const ms = median(m.ms);
      const same = !ours || Math.abs(m.loss - ours.loss) < 1e-3 * Math.abs(ours.loss);
      return `| ${[
        titles[m.contestant],
        digits(ms),
        `${digits(Math.min(...m.ms))} to ${digits(Math.max(...m.ms))} (${m.ms.length})`,
        ours ? `${(ms / median(ours.ms)).toFixed(2)} x` : '',
        `${((100 * flops) / (ms / 1000) / conditions!.peak).toFixed(0)} %`,
        `${(m.memory / 1e6).toFixed(0)} MB`,
        `${(m.firstStep / 1000).toFixed(1)} s`,
        same ? 'yes' : `no: ${m.loss}`,
      ].join(' | ')} |`;
    });
    const peak = `Matmul peak ${(conditions!.peak / 1e9).toFixed(0)} Gflop/s in the same run.`;
    return [
      ...head,
      `${peak}${together ? '' : ' The contestants ran one after the other: together they would not fit into memory.'}`,
      '',
      '| | ms a step | least to most (turns) | of lib/compute | of the matmul peak | memory | first step after | same loss |',
      '|---|---|---|---|---|---|---|---|',
      ...lines,
      ...(failed.length ? ['', ...failed] : []),
    ].join('\n');
  });
  return sections.join('\n\n');
}
