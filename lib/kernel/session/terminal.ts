/** How wide and high libraries find the terminal that a cell's output is. */
const COLUMNS = 80;
const ROWS = 24;
/** 24 bits, as JupyterLab and nbconvert show. */
const COLORS = '3';

type Done = () => void;

/**
 * Makes stdout and stderr what libraries of colours and progress bars look for: colours, a size, a cursor that goes back
 * to the line's beginning. Only stderr, where such bars go, calls itself a terminal: what a cell prints stays plain.
 */
export function dressAsTerminal(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name];
    const write = (text: string, done?: Done): boolean => stream.write(text, () => done?.());
    const abilities = {
      columns: COLUMNS,
      rows: ROWS,
      getWindowSize: () => [COLUMNS, ROWS],
      getColorDepth: () => (colours() ? 24 : 1),
      hasColors: (count: number | object = 16) => colours() && (typeof count !== 'number' || count <= 2 ** 24),
      // A front end goes back to the beginning of a line, and no further; what comes next is written over it.
      clearLine: (_direction: number, done?: Done) => write('\r\u001b[2K', done),
      clearScreenDown: (done?: Done) => write('\u001b[J', done),
      cursorTo: (x: number, y?: number | Done, done?: Done) =>
        write(x > 0 ? `\r\u001b[${x}C` : '\r', typeof y === 'function' ? y : done),
      moveCursor: (x: number, y: number, done?: Done) => write(moved(x, 'C', 'D') + moved(y, 'B', 'A'), done),
    };
    for (const [key, value] of Object.entries(abilities)) {
      Object.defineProperty(stream, key, { value, writable: true, configurable: true, enumerable: false });
    }
  }
  Object.defineProperty(process.stderr, 'isTTY', { value: true, writable: true, configurable: true });
  tellColours();
  keepConsolePlain();
}

function moved(by: number, forth: string, back: string): string {
  return by === 0 ? '' : `\u001b[${Math.abs(by)}${by > 0 ? forth : back}`;
}

function colours(): boolean {
  return process.env['FORCE_COLOR'] !== '0';
}

/**
 * FORCE_COLOR for who asks in this process, where the user has not said anything about colours. Processes that are started
 * do not inherit it: what a cell reads from them would have colours in it.
 */
function tellColours(): void {
  if (['FORCE_COLOR', 'NO_COLOR', 'NODE_DISABLE_COLORS'].some((name) => name in process.env)) return;
  const unset = (name: string | symbol, target: NodeJS.ProcessEnv): boolean =>
    name === 'FORCE_COLOR' && !('FORCE_COLOR' in target) && !('NO_COLOR' in target);
  process.env = new Proxy(process.env, {
    get: (target, name) => (unset(name, target) ? COLORS : (Reflect.get(target, name) as unknown)),
    has: (target, name) => unset(name, target) || Reflect.has(target, name),
  });
}

/** Objects that a cell prints are text to be read and searched; Node would colour them as soon as FORCE_COLOR is set. */
function keepConsolePlain(): void {
  const option = Object.getOwnPropertySymbols(console).find((each) => each.description === 'kGetInspectOptions');
  if (option === undefined) return;
  Object.defineProperty(console, option, { value: () => ({}), writable: true, configurable: true });
}
