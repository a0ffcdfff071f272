import { parse } from './parse.ts';

export type Completeness = { status: 'complete' | 'invalid' } | { status: 'incomplete'; indent: string };

/** No TypeScript: a name with a question mark before or behind it. */
export const QUESTION = /^\s*(?:\?{1,2}\s*([\w$.]+)|([\w$.]+)\s*\?{1,2})\s*$/;

/** Whether a console should run the code, ask for more lines, or leave the error to the user. */
export function completeness(code: string): Completeness {
  if (/^\s*[!%]/.test(code) || QUESTION.test(code)) return { status: 'complete' };
  const ts = parse(code, 'ts').problems;
  const problems = ts.length > 0 && code.includes('<') ? parse(code, 'tsx').problems : ts;
  const [first] = problems;
  if (first === undefined) return { status: 'complete' };
  // A template can go on in the next line, a string cannot.
  if (/unterminated string/i.test(first.message) && code[first.start] !== '`') return { status: 'invalid' };
  const end = code.trimEnd().length;
  const unfinished =
    first.start >= end ||
    /unterminated|EOF|end of file/i.test(first.message) ||
    (first.end >= end && /template|comment/i.test(first.message));
  return unfinished ? { status: 'incomplete', indent: nextIndent(code) } : { status: 'invalid' };
}

function nextIndent(code: string): string {
  const line = code.split('\n').at(-1) ?? '';
  const indent = /^\s*/.exec(line)?.[0] ?? '';
  return /[{([]\s*$/.test(line) ? `${indent}  ` : indent;
}
