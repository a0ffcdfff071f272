import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { MimeBundle } from './protocol.ts';

/** What magics need of the cell they stand in. */
export interface MagicHost {
  /** The notebook's. */
  folder: string;
  shell(command: string): Promise<void>;
  display(data: MimeBundle): void;
  /** Calls back when the cell has ended, before its result is shown. */
  atEnd(callback: () => void): void;
}

type Run = (host: MagicHost, argument: string, body: string) => void | Promise<void>;

const MIME: Record<string, string> = {
  html: 'text/html',
  markdown: 'text/markdown',
  latex: 'text/latex',
  svg: 'image/svg+xml',
  javascript: 'application/javascript',
};

/** The magics that need no rewriting of TypeScript, by name; language/magics.ts knows how each is written. */
const RUN: Record<string, Run> = {
  ...Object.fromEntries(
    Object.entries(MIME).map(([name, type]): [string, Run] => [
      name,
      ({ display }, _, body) => display({ [type]: body }),
    ]),
  ),
  bash: ({ shell }, _argument, body) => shell(`bash -c ${quote(body)}`),
  sh: ({ shell }, _argument, body) => shell(body),
  npm: ({ shell, folder }, argument) => shell(npmCommand(argument, folder)),
  cd: (_host, argument) => {
    const wanted = argument.replace(/^(['"])(.*)\1$/, '$2').replace(/^~(?=$|[\\/])/, homedir());
    process.chdir(resolve(wanted === '' ? homedir() : wanted));
    print(process.cwd());
  },
  pwd: () => print(process.cwd()),
  env: (_host, argument) => print(environment(argument)),
  who: (_host, names) => print(names === '' ? 'no cell has declared a name' : names),
  lsmagic: (_host, listing) => print(listing),
  writefile: (_host, argument, body) => writeFile(argument, body),
  time: ({ atEnd }) => {
    const clock = new Clock();
    atEnd(() => print(clock.toString()));
  },
};

/** @throws Error where there is no such magic, or where it fails */
export async function runMagic(host: MagicHost, name: string, argument = '', body = ''): Promise<void> {
  const run = RUN[name];
  if (run === undefined) throw new Error(`there is no magic "${name}"; %lsmagic lists those that there are`);
  await run(host, argument, body);
}

/** Wall time and processor time since it was made. */
class Clock {
  readonly #began = performance.now();
  readonly #cpu = process.cpuUsage();

  toString(): string {
    const wall = performance.now() - this.#began;
    const { user, system } = process.cpuUsage(this.#cpu);
    const [inUser, inSystem, total] = [user, system, user + system].map((microseconds) =>
      duration(microseconds / 1000),
    );
    return `CPU times: user ${inUser}, sys: ${inSystem}, total: ${total}\nWall time: ${duration(wall)}`;
  }
}

const clocks: Clock[] = [];

/** Starts a clock; with `told` prints how long the latest one has run. */
export function clock(told = false): void {
  if (!told) clocks.push(new Clock());
  else print((clocks.pop() ?? new Clock()).toString());
}

/** Runs work and prints how long it took; what it gives is handed on. */
export function time<T>(work: () => T): T {
  const clock = new Clock();
  const told = (): void => print(clock.toString());
  let value: T;
  try {
    value = work();
  } catch (error) {
    told();
    throw error;
  }
  if (!(value instanceof Promise)) {
    told();
    return value;
  }
  return value.finally(told) as T;
}

export interface TimeitOptions {
  /** How often the work is done in one run; by default as often as takes 0.2 s. */
  loops?: number;
  runs?: number;
}

const LEAST = 200;
const ENOUGH = 1e7;

/**
 * Prints how long the work takes on average: the mean and the standard deviation over runs of many loops.
 * @param work is waited for where it gives a promise
 */
export async function timeit(
  work: () => unknown,
  { loops, runs = 7 }: TimeitOptions,
  signal: AbortSignal,
): Promise<void> {
  if (runs < 1 || (loops !== undefined && loops < 1)) throw new RangeError('%timeit: -n and -r are 1 or more');
  const once = async (count: number): Promise<number> => {
    signal.throwIfAborted();
    const began = performance.now();
    for (let at = 0; at < count; at++) {
      const value = work();
      if (value instanceof Promise) await value;
    }
    return performance.now() - began;
  };
  let count = loops ?? 1;
  if (loops === undefined) {
    for (let took = await once(count); took < LEAST && count < ENOUGH; took = await once(count)) {
      count *= took < LEAST / 20 ? 10 : Math.max(2, Math.min(10, Math.ceil(LEAST / took)));
    }
  }
  const each: number[] = [];
  for (let at = 0; at < runs; at++) each.push((await once(count)) / count);
  const mean = each.reduce((sum, value) => sum + value, 0) / runs;
  const deviation = Math.sqrt(each.reduce((sum, value) => sum + (value - mean) ** 2, 0) / runs);
  const loopsText = `${count.toLocaleString('en')} ${count === 1 ? 'loop' : 'loops'} each`;
  print(
    `${duration(mean)} ± ${duration(deviation)} per loop (mean ± std. dev. of ${runs} ${runs === 1 ? 'run' : 'runs'}, ${loopsText})`,
  );
}

/** Three digits with the unit that suits them. */
export function duration(milliseconds: number): string {
  if (milliseconds >= 60_000) {
    const seconds = milliseconds / 1000;
    return `${Math.floor(seconds / 60)} min ${(seconds % 60).toFixed(0)} s`;
  }
  const units: [number, string][] = [
    [1000, 's'],
    [1, 'ms'],
    [1e-3, 'µs'],
    [0, 'ns'],
  ];
  const [size, unit] = units.find(([least]) => milliseconds >= least) as [number, string];
  return `${Number((milliseconds / (size || 1e-6)).toPrecision(3))} ${unit}`;
}

function environment(argument: string): string {
  if (argument === '') {
    return Object.entries(process.env)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n');
  }
  const [, name = '', separator = '', value = ''] = /^([^=\s]+)\s*([=\s]?)\s*(.*)$/s.exec(argument) ?? [];
  if (name === '') throw new Error(`"${argument}" names no variable; usage: %env NAME=VALUE`);
  if (separator === '') {
    const known = process.env[name];
    if (known === undefined) throw new Error(`there is no environment variable ${name}`);
    return known;
  }
  process.env[name] = value.replace(/^(['"])(.*)\1$/, '$2');
  return `env: ${name}=${process.env[name]}`;
}

function writeFile(argument: string, body: string): void {
  const [, append, name = ''] = /^(-a\s+)?(.*)$/.exec(argument) ?? [];
  const path = name.trim().replace(/^(['"])(.*)\1$/, '$2');
  if (path === '') throw new Error('%%writefile lacks a file; usage: %%writefile [-a] FILE');
  const text = body.endsWith('\n') ? body : `${body}\n`;
  const there = existsSync(path);
  if (append === undefined) writeFileSync(path, text);
  else appendFileSync(path, text);
  print(`${append === undefined ? (there ? 'Overwriting' : 'Writing') : 'Appending to'} ${path}`);
}

/** npm climbs to the nearest package.json; what a notebook installs belongs into its own folder. */
function npmCommand(argument: string, folder: string): string {
  const quiet = /^(i|in|install|add|ci|un|uninstall|rm|remove|update)\b/.test(argument) ? ' --no-audit --no-fund' : '';
  return `npm --prefix ${quote(folder)} ${argument}${quiet}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
