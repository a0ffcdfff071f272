import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Interface, ReadLineOptions } from 'node:readline';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';

export interface LineAsker {
  allowed(): boolean;
  /** Asks the front end for a line; the answer comes by `answer`. */
  ask(prompt: string): void;
}

export const NO_INPUT =
  'input is not possible here: the front end that runs this cell takes none (allow_stdin is false)';

/** Who wants a line may say so a little later: readline reads on before anyone has asked. */
const LATER = 30;
/** What front ends send for the end of the input. */
const END = '\u0004';

/** `process.stdin` of cells: each line that somebody waits for is asked of the front end. */
export class CellStdin extends Readable {
  readonly fd = 0;
  readonly #asker: LineAsker;
  /** Interfaces of readline that read from here, and the questions that are open. */
  readonly #interfaces = new Set<Interface>();
  readonly #questions = new Set<Interface>();
  #prompt = '';
  #reading = false;
  #asked = false;
  #isWaiting = false;

  constructor(asker: LineAsker) {
    super();
    this.#asker = asker;
  }

  override _read(): void {
    this.#reading = true;
    this.#askSoon();
  }

  override resume(): this {
    super.resume();
    if (this.#reading) this.#askSoon();
    return this;
  }

  /** No terminal: the line comes as a whole. */
  setRawMode(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  answer(line: string): void {
    if (!this.#asked) return;
    this.#asked = this.#reading = false;
    this.#questions.clear();
    this.push(line === END ? null : `${line}\n`);
  }

  /** The interrupted cell waits for no line any more. */
  interrupt(): void {
    this.#asked = false;
    this.#questions.clear();
    for (const each of this.#interfaces) each.close();
  }

  attach(readline: Interface): void {
    const { question, prompt } = readline;
    this.#interfaces.add(readline);
    readline.once('close', () => this.#interfaces.delete(readline));
    const asks = (query: string): void => {
      this.#prompt = query;
      this.#questions.add(readline);
      if (this.#reading) this.#askSoon();
    };
    const asked = (query: string, ...rest: unknown[]): unknown => {
      if (!this.#asker.allowed()) {
        readline.close();
        throw new Error(NO_INPUT);
      }
      asks(query);
      // The question is the front end's to show.
      return (question as (...all: unknown[]) => unknown).call(readline, '', ...rest);
    };
    const custom: unknown = (question as { [promisify.custom]?: unknown })[promisify.custom];
    if (custom !== undefined) Object.defineProperty(asked, promisify.custom, { value: custom });
    Object.assign(readline, {
      question: asked,
      prompt: (preserve?: boolean) => {
        const text = readline.getPrompt();
        if (text !== '' || !this.#questions.has(readline)) this.#prompt = text;
        readline.setPrompt('');
        prompt.call(readline, preserve);
        readline.setPrompt(text);
      },
    });
  }

  get #isWanted(): boolean {
    if (this.#questions.size > 0 || this.listenerCount('readable') > 0) return true;
    if (this.readableFlowing !== true) return false;
    // An interface of readline listens in any case.
    const others = this.listenerCount('data') > this.#interfaces.size;
    return others || [...this.#interfaces].some((each) => each.listenerCount('line') > 0);
  }

  #askSoon(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    setTimeout(() => {
      this.#isWaiting = false;
      if (!this.#reading || this.#asked || this.destroyed) return;
      if (!this.#isWanted) this.#askSoon();
      else if (this.#asker.allowed()) {
        this.#asked = true;
        this.#asker.ask(this.#prompt);
        this.#prompt = '';
      } else this.destroy(new Error(NO_INPUT));
    }, LATER).unref();
  }
}

/** Puts it in the place of Node's, and readline's interfaces on top of it. @returns the one that cells have now */
export function installStdin(asker: LineAsker): () => CellStdin | undefined {
  let stdin: CellStdin | undefined;
  Object.defineProperty(process, 'stdin', {
    get: () => {
      if (stdin === undefined || stdin.destroyed || stdin.readableEnded) stdin = new CellStdin(asker);
      return stdin;
    },
    configurable: true,
    enumerable: true,
  });
  const require = createRequire(import.meta.url);
  for (const name of ['node:readline', 'node:readline/promises']) {
    const readline = require(name) as { createInterface: (...given: unknown[]) => Interface };
    const { createInterface } = readline;
    readline.createInterface = (first, ...rest) => {
      const isOptions = typeof first === 'object' && first !== null && 'input' in first;
      const input = isOptions ? (first as ReadLineOptions).input : first;
      if (!(input instanceof CellStdin)) return createInterface(first, ...rest);
      const options = isOptions ? (first as ReadLineOptions) : { input, output: rest[0] as NodeJS.WritableStream };
      const made = createInterface({ ...options, terminal: false });
      input.attach(made);
      return made;
    };
  }
  syncBuiltinESMExports();
  return () => stdin;
}
