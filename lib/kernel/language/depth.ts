import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** So much nesting every parser takes; the native one ends the whole process somewhere above 3,000. */
const SAFE = 1500;
/** Reading takes milliseconds, whatever the cell. */
const PATIENCE = 10_000;

const TOKENS =
  /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|([([{])|([)\]}])|([,;])|([\p{L}\d_$]+)|([^\s])/gu;
const NESTING_WORDS = /^(?:if|else|for|while|do|with|await|yield|typeof|void|delete|new|extends|infer|keyof|unique)$/;

/** At most how deep a parser must go: the brackets that are open at a time, and the operators in each. */
export function nesting(code: string): number {
  const open: number[] = [];
  let [depth, most, run] = [0, 0, 0];
  for (const [, opens, closes, separates, word, operator] of code.matchAll(TOKENS)) {
    if (opens !== undefined) {
      open.push(run);
      depth += run + 1;
      run = 0;
    } else if (closes !== undefined && open.length > 0) {
      run = (open.pop() as number) + 1;
      depth -= run;
    } else if (separates !== undefined) run = 0;
    else if (operator !== undefined || (word !== undefined && NESTING_WORDS.test(word))) run++;
    if (depth + run > most) most = depth + run;
  }
  return most;
}

let last: { code: string; lang: string; readable: boolean } | undefined;

/** Whether the code can be parsed here. What nests deeply is tried in a process of its own first. */
export function isReadable(code: string, lang: string): boolean {
  if (nesting(code) < SAFE) return true;
  if (last?.code !== code || last.lang !== lang) {
    const probe = fileURLToPath(new URL('./probe.mjs', import.meta.url));
    const { status } = spawnSync(process.execPath, [probe, lang], {
      input: code,
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: PATIENCE,
    });
    last = { code, lang, readable: status === 0 };
  }
  return last.readable;
}
