import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { completeness } from './completeness.ts';
import { parse } from './parse.ts';

/** Whether type errors keep a cell from running: `on` they do, `warn` they are shown, `off` nobody looks. */
export type CheckMode = 'on' | 'warn' | 'off';

export interface Prepared {
  /** The cell as TypeScript: as many lines as before, each where it was. */
  source: string;
  check?: CheckMode;
  /** `%reset`: the cell begins in a fresh session. */
  reset?: true;
}

/** One magic: what it is for, and whether it is a line of its own (%), a whole cell (%%), or both. */
interface Magic {
  usage: string;
  help: string;
}

/** Magics of a line. */
export const LINE_MAGICS: Record<string, Magic> = {
  cd: { usage: '%cd FOLDER', help: 'change the working directory' },
  check: {
    usage: '%check on|warn|off',
    help: 'refuse cells with type errors, show the errors only, or look at nothing',
  },
  env: { usage: '%env [NAME[=VALUE]]', help: 'show or set environment variables' },
  lsmagic: { usage: '%lsmagic', help: 'list the magics' },
  npm: { usage: '%npm install PACKAGE ...', help: "run npm for the notebook's folder" },
  pwd: { usage: '%pwd', help: 'print the working directory' },
  reset: { usage: '%reset', help: 'forget every name: a fresh session' },
  time: { usage: '%time STATEMENT', help: 'how long a statement takes' },
  timeit: { usage: '%timeit [-n LOOPS] [-r RUNS] STATEMENT', help: 'how long it takes on average, over many runs' },
  who: { usage: '%who', help: 'the names that cells have declared' },
};

/** Magics of a cell: in its first line, for all that follows. */
export const CELL_MAGICS: Record<string, Magic> = {
  bash: { usage: '%%bash', help: 'run the cell in bash' },
  html: { usage: '%%html', help: 'show the cell as HTML' },
  javascript: { usage: '%%javascript', help: 'run the cell in the browser' },
  latex: { usage: '%%latex', help: 'show the cell as LaTeX' },
  markdown: { usage: '%%markdown', help: 'show the cell as Markdown' },
  sh: { usage: '%%sh', help: 'run the cell in sh' },
  svg: { usage: '%%svg', help: 'show the cell as an SVG picture' },
  time: { usage: '%%time', help: 'how long the cell takes' },
  timeit: { usage: '%%timeit [-n LOOPS] [-r RUNS]', help: 'how long it takes on average, over many runs' },
  writefile: { usage: '%%writefile [-a] FILE', help: 'write the cell to a file, with -a to its end' },
};

/**
 * The lines of a cell that are not TypeScript: magics, `!command` for the shell wherever a statement may begin, in the
 * first column, and a `#!` line. And a cell that is an object literal is one, not a block.
 * @param names that earlier cells have declared, for %who
 * @throws SyntaxError on a magic or a setting that does not exist
 */
export function prepare(code: string, names: () => readonly string[] = () => []): Prepared {
  const text = code.startsWith('#!') ? `//${code.slice(2)}` : code;
  if (/^\s*%%/.test(text)) return cellMagic(text);
  if (!/^[!%]/m.test(text) && !ASSIGNED.test(text)) return { source: asExpression(text) };
  const lines = text.split('\n');
  const prepared: Prepared = { source: text };
  let atHead = true;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    const special = /^[!%]/.test(line) && beginsStatement(lines.slice(0, at));
    const [, target, assigned] = ASSIGNED.exec(line) ?? [];
    const captures = assigned !== undefined && isCommand(assigned, text, names) && beginsStatement(lines.slice(0, at));
    if (captures || (special && line.startsWith('!'))) {
      const first = at;
      while ((lines[at] as string).endsWith('\\') && at + 1 < lines.length) at++;
      const command = lines
        .slice(first, at + 1)
        .join('\n')
        .slice((target ?? '').length + 1);
      lines.fill('', first, at + 1);
      const method = captures ? 'capture' : 'shell';
      lines[first] = `${target ?? ''}await cell.${method}(${JSON.stringify(command)});`;
    } else if (special && !isOperator(line, lines)) {
      const [, name = '', argument = ''] = /^%([\w.-]*)[ \t]*(.*)$/s.exec(line) ?? [];
      if (name === 'check') prepared.check = readSetting(line);
      if (name === 'reset') prepared.reset = true;
      if ((name === 'check' || name === 'reset') && !atHead) {
        throw new SyntaxError(`%${name} holds for a whole cell: it stands before everything else`);
      }
      lines[at] = lineMagic(name, argument.trim(), names);
    }
    if (line.trim() !== '' && !line.startsWith('%')) atHead = false;
  }
  return { ...prepared, source: lines.join('\n') };
}

/** `const files = !ls`: what it is assigned to, and what might be a command. */
const ASSIGNED = /^((?:(?:const|let|var)\s+)?[\p{ID_Start}$_][\w$]*\s*(?::[^=]*)?=\s*)!(?![=!(])(.+)$/mu;

/** `!ready` is a negation wherever it can be one: no command that is there, or a name that is known. */
function isCommand(text: string, cell: string, names: () => readonly string[]): boolean {
  if (parse(`(!${text.replace(/;\s*$/, '')}\n)`, 'ts').problems.length > 0) return /^[\w./~$]/.test(text);
  const [name = ''] = /^[\w$.-]+/.exec(text) ?? [];
  if (!/^[\w-]+$/.test(name) || name in globalThis || names().includes(name)) return false;
  if (new RegExp(`(?<!=\\s*!)\\b${name}\\b`).test(cell)) return false;
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}

/** `a\n%b` is a remainder, where `%b` is no magic and the whole is TypeScript. */
function isOperator(line: string, lines: readonly string[]): boolean {
  const name = /^%([\w.-]*)/.exec(line)?.[1] ?? '';
  return !(name in LINE_MAGICS) && parse(lines.join('\n'), 'ts').problems.length === 0;
}

function lineMagic(name: string, argument: string, names: () => readonly string[]): string {
  if (!(name in LINE_MAGICS)) throw unknown('%', name, LINE_MAGICS);
  const usage = (): SyntaxError => new SyntaxError(`%${name} lacks what it is for; usage: ${LINE_MAGICS[name]?.usage}`);
  switch (name) {
    case 'check':
    case 'reset':
      return '';
    case 'time':
      if (argument === '') throw usage();
      return timed(argument);
    case 'timeit': {
      const { options, rest } = timeitOptions(argument);
      if (rest === '') throw usage();
      return `await cell.timeit(${arrow(rest)}, ${options});`;
    }
    case 'who':
      return call('who', names().join(' '));
    case 'lsmagic':
      return call('lsmagic', listing());
    default:
      if (argument === '' && name === 'npm') throw usage();
      return call(name, argument);
  }
}

function cellMagic(text: string): Prepared {
  const [blank = ''] = /^\s*/.exec(text) ?? [];
  const rest = text.slice(blank.length);
  const end = rest.includes('\n') ? rest.indexOf('\n') : rest.length;
  const [, name = '', argument = ''] = /^%%([\w.-]*)[ \t]*(.*)$/s.exec(rest.slice(0, end).trimEnd()) ?? [];
  const body = rest.slice(end + 1);
  if (!(name in CELL_MAGICS)) throw unknown('%%', name, CELL_MAGICS);
  if (name === 'time') return { source: `${blank}${call('time', '')}\n${prepare(body).source}` };
  if (name === 'timeit') {
    const { options, rest: first } = timeitOptions(argument);
    const inner = prepare(body).source;
    const isAsync = /\bawait\b/.test(inner) ? 'async ' : '';
    const setUp = first === '' ? '' : `${first};`;
    return { source: `${blank}${setUp}await cell.timeit(${isAsync}() => {\n${inner}\n}, ${options});` };
  }
  const lines = '\n'.repeat(body.split('\n').length);
  return { source: `${blank}${call(name, argument, body)}${lines}` };
}

function call(name: string, ...values: string[]): string {
  return `await cell.magic(${[name, ...values].map((value) => JSON.stringify(value)).join(', ')});`;
}

/** An expression keeps its value; a declaration stays one of the cell's own. */
function timed(statement: string): string {
  const expression = statement.replace(/;\s*$/, '');
  if (parse(`(${expression}\n)`, 'ts').problems.length > 0) return `cell.clock(); ${statement}; cell.clock(true);`;
  return /\bawait\b/.test(expression)
    ? `await cell.time(async () => (${expression}));`
    : `cell.time(() => (${expression}));`;
}

function arrow(statement: string): string {
  return `${/\bawait\b/.test(statement) ? 'async ' : ''}() => { ${statement} }`;
}

/** As IPython has them: -n loops a run, -r runs. */
function timeitOptions(argument: string): { options: string; rest: string } {
  const options: Record<string, number> = {};
  let rest = argument;
  for (let found = OPTION.exec(rest); found !== null; found = OPTION.exec(rest)) {
    options[found[1] === 'n' ? 'loops' : 'runs'] = Number(found[2]);
    rest = rest.slice(found[0].length);
  }
  return { options: JSON.stringify(options), rest: rest.trim() };
}

const OPTION = /^\s*-([nr])\s*(\d+)\s*/;

function readSetting(line: string): CheckMode {
  const mode = /^%check\s+(on|warn|off)\s*$/.exec(line)?.[1];
  if (mode === undefined)
    throw new SyntaxError(`"${line.trim()}" is no setting; expected %check on, %check warn or %check off`);
  return mode as CheckMode;
}

function listing(): string {
  const rows = [...Object.values(LINE_MAGICS), ...Object.values(CELL_MAGICS)];
  const width = Math.max(...rows.map(({ usage }) => usage.length));
  return [
    ...rows.map(({ usage, help }) => `${usage.padEnd(width)}  ${help}`),
    `${'!COMMAND'.padEnd(width)}  run a line in the shell`,
    `${'NAME?, NAME??'.padEnd(width)}  what is known of a name; its source and value as well`,
  ].join('\n');
}

function unknown(sign: string, name: string, known: Record<string, Magic>): SyntaxError {
  const other = sign === '%' ? CELL_MAGICS : LINE_MAGICS;
  if (name in other) {
    const usage = other[name]?.usage ?? '';
    return new SyntaxError(`there is no ${sign}${name}, but there is ${usage}`);
  }
  const [nearest] = Object.keys(known)
    .map((each) => ({ each, distance: distance(name, each) }))
    .sort((a, b) => a.distance - b.distance);
  const near = nearest !== undefined && nearest.distance <= Math.max(2, name.length / 2);
  const hint = near ? `did you mean ${sign}${nearest.each}? ` : '';
  return new SyntaxError(`there is no magic "${sign}${name}": ${hint}%lsmagic lists those that there are`);
}

/** How many letters must change: Levenshtein's distance. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [index, letter] of from.split('').entries()) {
    const next = [index + 1];
    for (let at = 1; at <= to.length; at++) {
      const same = letter === to[at - 1] ? 0 : 1;
      next.push(Math.min((row[at] as number) + 1, (next[at - 1] as number) + 1, (row[at - 1] as number) + same));
    }
    row = next;
  }
  return row.at(-1) as number;
}

/** A cell that reads as an object literal is one, as in every other JavaScript console: `{ a: 1, b: 2 }`. */
function asExpression(code: string): string {
  if (!/^\s*\{/.test(code) || !/\}\s*$/.test(code)) return code;
  if (parse(`(${code}\n)`, 'ts').problems.length > 0) return code;
  const start = code.indexOf('{');
  // In place of a blank where there is one, so that no column moves.
  const head = start > 0 && code[start - 1] !== '\n' ? code.slice(0, start - 1) : code.slice(0, start);
  const end = code.lastIndexOf('}') + 1;
  return `${head}(${code.slice(start, end)})${code.slice(end)}`;
}

/** Not inside a template, a comment or an expression that the lines before left open. */
function beginsStatement(before: readonly string[]): boolean {
  return before.every((line) => line.trim() === '') || completeness(before.join('\n')).status === 'complete';
}
