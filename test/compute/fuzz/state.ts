/** Random JavaScript state that a step reads: where a number is kept, and who changes it when. */
import type { Random } from './random.ts';

/** A place for a number. */
interface Cell {
  read(): number;
  write(value: number): void;
}

const PLACES: Record<string, () => Cell> = {
  variable: () => {
    let n = 0;
    return { read: () => n, write: (value) => void (n = value) };
  },
  property: () => {
    const state = { n: 0 };
    return { read: () => state.n, write: (value) => void (state.n = value) };
  },
  'nested property': () => {
    const state = { a: { b: [{ n: 0 }] } };
    const inner = () => state.a.b[0] as { n: number };
    return { read: () => inner().n, write: (value) => void (inner().n = value) };
  },
  'replaced object': () => {
    let state = { n: 0 };
    return { read: () => state.n, write: (value) => void (state = { n: value }) };
  },
  'computed key': () => {
    const state: Record<string, number> = {};
    const key = ['ra', 'te'].join('');
    return { read: () => state[key] ?? 0, write: (value) => void (state[key] = value) };
  },
  'symbol key': () => {
    const key = Symbol('n');
    const state = { [key]: 0 };
    return { read: () => state[key] as number, write: (value) => void (state[key] = value) };
  },
  element: () => {
    const list = Array.from({ length: 100 }, () => 0);
    return { read: () => list[70] as number, write: (value) => void (list[70] = value) };
  },
  'typed array': () => {
    const list = new Float64Array(2000);
    return { read: () => list[1000] as number, write: (value) => void (list[1000] = value) };
  },
  'last of a growing list': () => {
    const list: number[] = [0];
    return { read: () => list.at(-1) as number, write: (value) => void list.push(value) };
  },
  Map: () => {
    const map = new Map([['n', 0]]);
    return { read: () => map.get('n') as number, write: (value) => void map.set('n', value) };
  },
  WeakMap: () => {
    const key = {};
    const map = new WeakMap([[key, 0]]);
    return { read: () => map.get(key) as number, write: (value) => void map.set(key, value) };
  },
  'private field': () => {
    class Holder {
      #n = 0;
      read() {
        return this.#n;
      }
      write(value: number) {
        this.#n = value;
      }
    }
    const holder = new Holder();
    return { read: () => holder.read(), write: (value) => holder.write(value) };
  },
  'inherited private field': () => {
    class Base {
      #n = 0;
      get n() {
        return this.#n;
      }
      set n(value: number) {
        this.#n = value;
      }
    }
    class Holder extends Base {}
    const holder = new Holder();
    return { read: () => holder.n, write: (value) => void (holder.n = value) };
  },
  'static field': () => {
    class Holder {
      static n = 0;
      readonly m = 0;
    }
    return { read: () => Holder.n, write: (value) => void (Holder.n = value) };
  },
  'field behind this': () => {
    class Holder {
      n = 0;
      read = () => this.n;
      write = (value: number) => void (this.n = value);
    }
    return new Holder();
  },
  prototype: () => {
    class Holder {
      declare n: number;
    }
    Holder.prototype.n = 0;
    const holder = new Holder();
    return { read: () => holder.n, write: (value) => void (Holder.prototype.n = value) };
  },
  'property of a function': () => {
    const f = Object.assign(() => f.n, { n: 0 });
    return { read: () => f(), write: (value) => void (f.n = value) };
  },
  'replaced function': () => {
    let f = () => 0;
    return { read: () => f(), write: (value) => void (f = () => value) };
  },
  'bound function': () => {
    function read(this: { n: number }) {
      return this.n;
    }
    const state = { n: 0 };
    const bound = read.bind(state);
    return { read: () => bound(), write: (value) => void (state.n = value) };
  },
  proxy: () => {
    const target = { n: 0 };
    const state = new Proxy(target, {});
    return { read: () => state.n, write: (value) => void (target.n = value) };
  },
  Date: () => {
    const date = new Date(0);
    return { read: () => date.getTime() / 1000, write: (value) => void date.setTime(value * 1000) };
  },
  'one of several closures': () => {
    const cells = [0, 0, 0].map((n) => ({ read: () => n, write: (value: number) => void (n = value) }));
    return { read: () => cells.reduce((sum, cell) => sum + cell.read(), 0), write: (value) => cells[1]?.write(value) };
  },
  'default of a parameter': () => {
    let n = 0;
    const read = (value = n) => value;
    return { read: () => read(), write: (value) => void (n = value) };
  },
  'a string': () => {
    let text = '0';
    return { read: () => Number(text), write: (value) => void (text = String(value)) };
  },
};

/** A number for the step: `read` may change state itself; `before(call)` is what happens outside before a call. */
export interface NumberSource {
  about: string;
  read(): number;
  before(call: number): void;
}

/** Who changes the number: nobody, code outside at some calls, or the step itself. */
const DYNAMICS: Record<string, (cell: Cell, random: Random) => Omit<NumberSource, 'about'>> = {
  constant: (cell) => (cell.write(1.5), { read: () => cell.read(), before: () => undefined }),
  'changed once outside': (cell, random) => {
    const at = random.integer(1, 30);
    cell.write(1);
    return { read: () => cell.read(), before: (call) => call === at && cell.write(2) };
  },
  'changed and changed back': (cell, random) => {
    const at = random.integer(1, 30);
    cell.write(1);
    return { read: () => cell.read(), before: (call) => cell.write(call === at ? 2 : 1) };
  },
  'a schedule outside': (cell, random) => {
    const period = random.integer(1, 12);
    return { read: () => 1 + Math.floor(cell.read() / period), before: (call) => cell.write(call) };
  },
  'every so many calls, counted outside': (cell, random) => {
    const period = random.integer(2, 40);
    return { read: () => (cell.read() % period === period - 1 ? 2 : 1), before: (call) => cell.write(call) };
  },
  'a counter in the step': (cell, random) => {
    const at = random.integer(2, 30);
    return {
      read: () => {
        cell.write(cell.read() + 1);
        return cell.read() > at ? 2 : 1;
      },
      before: () => undefined,
    };
  },
  'a decay in the step': (cell) => {
    cell.write(1);
    return {
      read: () => {
        const now = cell.read();
        cell.write(now * 0.9);
        return now;
      },
      before: () => undefined,
    };
  },
  'a toggle in the step': (cell) => ({
    read: () => {
      cell.write(1 - cell.read());
      return 1 + cell.read();
    },
    before: () => undefined,
  }),
  'random numbers of its own': (cell, random) => {
    cell.write(random.integer(1, 10_000));
    return {
      read: () => {
        cell.write((cell.read() * 16807) % 2147483647);
        return cell.read() % 7 === 0 ? 2 : 1;
      },
      before: () => undefined,
    };
  },
  'set at the first run': (cell) => ({
    read: () => {
      if (cell.read() === 0) cell.write(3);
      return cell.read();
    },
    before: () => undefined,
  }),
  'counted in the step, reset outside': (cell, random) => {
    const period = random.integer(2, 20);
    return {
      read: () => {
        cell.write(cell.read() + 1);
        return cell.read() > 3 ? 2 : 1;
      },
      before: (call) => call % period === 0 && cell.write(0),
    };
  },
};

export function numberSource(random: Random): NumberSource {
  const [place, makePlace] = random.entry(PLACES);
  // Constants as often as all that changes: programs that are right matter as much.
  const [dynamics, make] = random.of([['constant', DYNAMICS['constant']] as const, random.entry(DYNAMICS)]) as [
    string,
    (typeof DYNAMICS)[string],
  ];
  return { about: `${place}, ${dynamics}`, ...make(makePlace(), random) };
}
