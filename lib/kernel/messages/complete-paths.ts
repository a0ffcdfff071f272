import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { isBuiltin } from 'node:module';
import { CELL_MAGICS, LINE_MAGICS } from '../language/index.ts';

export interface Offered {
  /** Where what is offered begins, from the beginning of the code. */
  start: number;
  items: { label: string; kind: number }[];
}

/** Numbers of the language server protocol. */
const [FUNCTION, MODULE, KEYWORD, FILE, FOLDER, VARIABLE] = [3, 9, 14, 17, 19, 6];
const MOST = 500;

/** What stands in lines that are no TypeScript: magics and their arguments, commands and paths of shell lines. */
export function completeSpecial(code: string, offset: number, folder: string): Offered | undefined {
  const begin = code.lastIndexOf('\n', offset - 1) + 1;
  const line = code.slice(begin, offset);
  const magic = /^(%%?)([\w.-]*)$/.exec(line);
  if (magic !== null) {
    const [, sign = '%', typed = ''] = magic;
    const names = (prefix: string, known: object): string[] =>
      Object.keys(known)
        .filter((name) => name.startsWith(typed))
        .map((name) => prefix + name);
    const items = [
      ...(sign === '%' ? names('%', LINE_MAGICS) : []),
      ...(code.slice(0, begin).trim() === '' ? names('%%', CELL_MAGICS) : []),
    ];
    return { start: begin, items: items.map((label) => ({ label, kind: KEYWORD })) };
  }
  const [, name, rest = ''] = /^%%?([\w.-]+)\s+(.*)$/s.exec(line) ?? [];
  if (name === 'env') {
    const items = Object.keys(process.env).filter((each) => each.startsWith(rest));
    return { start: offset - rest.length, items: items.map((label) => ({ label, kind: VARIABLE })) };
  }
  const isCommand = /^(?:(?:const|let|var)\s+\w+\s*=\s*)?!/.test(line) || /^\s*%%(bash|sh)\b/.test(code);
  if (!isCommand && name !== 'cd' && name !== 'writefile') return undefined;
  const [word = ''] = /[^\s;|&<>=!'"]*$/.exec(line) ?? [];
  const before = line.slice(0, line.length - word.length);
  const first = isCommand && /(?:^|!|[|;&])\s*$/.test(before) && !word.includes('/');
  const items = first ? commands(word) : paths(word, folder, name === 'cd');
  return { start: offset - word.length, items };
}

/** Inside of a text: packages where one is imported, else files and folders. */
export function completeText(code: string, offset: number, folder: string): Offered | undefined {
  const line = code.slice(code.lastIndexOf('\n', offset - 1) + 1, offset);
  const text = openText(line);
  if (text === undefined) return undefined;
  const before = line.slice(0, line.length - text.length - 1);
  const imports = /\b(?:from|import|require\s*\(|import\s*\()\s*$/.test(before);
  if (imports && !/^[./]/.test(text)) {
    const typed = text.replace(/^npm:/, '');
    const items = packages(folder).filter((name) => name.startsWith(typed) && !isBuiltin(name));
    return { start: offset - typed.length, items: items.map((label) => ({ label, kind: MODULE })) };
  }
  const last = text.slice(text.lastIndexOf('/') + 1);
  const items = paths(text, folder, false).map((item) => ({
    ...item,
    label: item.label.slice(text.length - last.length),
  }));
  return { start: offset - last.length, items };
}

/** The text that the line leaves open at its end. */
function openText(line: string): string | undefined {
  let quote: string | undefined;
  let start = 0;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] as string;
    if (character === '\\') at++;
    else if (quote === undefined && /['"`]/.test(character)) [quote, start] = [character, at + 1];
    else if (character === quote) quote = undefined;
  }
  return quote === undefined ? undefined : line.slice(start);
}

function paths(typed: string, folder: string, foldersOnly: boolean): Offered['items'] {
  const cut = typed.lastIndexOf('/') + 1;
  const [parent, begun] = [typed.slice(0, cut), typed.slice(cut)];
  const at = resolve(folder, parent.replace(/^~(?=\/)/, homedir()));
  return list(at)
    .filter((name) => name.startsWith(begun) && (begun !== '' || !name.startsWith('.')))
    .slice(0, MOST)
    .map((name) => {
      const isFolder = statSync(join(at, name), { throwIfNoEntry: false })?.isDirectory() === true;
      return { label: `${parent}${name}${isFolder ? '/' : ''}`, kind: isFolder ? FOLDER : FILE };
    })
    .filter(({ kind }) => !foldersOnly || kind === FOLDER);
}

function commands(typed: string): Offered['items'] {
  if (typed === '') return [];
  const names = (process.env['PATH'] ?? '').split(delimiter).flatMap(list);
  return [...new Set(names.filter((name) => name.startsWith(typed)))]
    .sort()
    .slice(0, MOST)
    .map((label) => ({ label, kind: FUNCTION }));
}

/** The packages that the folder can import. */
function packages(folder: string): string[] {
  const names = new Set<string>();
  for (let at = folder; ; at = dirname(at)) {
    for (const name of list(join(at, 'node_modules'))) {
      if (name.startsWith('@')) list(join(at, 'node_modules', name)).forEach((each) => names.add(`${name}/${each}`));
      else if (!name.startsWith('.')) names.add(name);
    }
    if (dirname(at) === at) return [...names].filter((name) => !name.startsWith('@types/')).sort();
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
