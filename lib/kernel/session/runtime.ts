import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect, types } from 'node:util';
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { RUNTIME } from '../language/names.ts';
import { watchChildren, Workers } from './children.ts';
import { Comms } from './comms.ts';
import { controls, slider } from './controls.ts';
import { installDeno } from './deno.ts';
import { encodeBundle, viewsOf } from './display.ts';
import { Traces, type Place } from './errors.ts';
import { tellResumes } from './inspected.ts';
import { inputFunctions } from './input.ts';
import { Awaits, InterruptError } from './interrupt.ts';
import {
  AbortController,
  AsyncDisposableStack,
  Map,
  Object,
  Promise,
  process,
  Set,
  setImmediate,
  setTimeout,
  clearTimeout,
  String,
  SuppressedError,
  WeakSet,
} from './intrinsics.ts';
import { Fragment, h } from './jsx.ts';
import { clock, runMagic, time, timeit, type MagicHost, type TimeitOptions } from './magics.ts';
import { LocalModules } from './modules.ts';
import { captureOutput } from './output.ts';
import { bindToGlobal, showFunctionsAsWritten, typeOf, unmarkMessage } from './scope.ts';
import { Results } from './results.ts';
import { Widget, type WidgetOptions } from './widget.ts';
import { captureShell, runShell } from './shell.ts';
import { installStdin, type CellStdin } from './stdin.ts';
import { dressAsTerminal } from './terminal.ts';
import { isOutput, type CellCode, type FromMain, type MimeBundle, type ToMain } from './protocol.ts';
import type { Outflow } from './flow.ts';

/** Begun by the inspector, known in full when the controller's message has come in as well. */
interface RunningCell extends Partial<CellCode> {
  id: number;
  aborter: AbortController;
  disposables: AsyncDisposableStack;
  /** Displays whose views are still being made. */
  showing: Set<Promise<void>>;
  result: { value: unknown } | undefined;
  /** The last of its statements that began. */
  statement?: Place;
  ended: boolean;
}

/** What something that runs goes back to: a cell, and the statement of its top level that began it. */
interface Origin {
  cell: RunningCell;
  statement?: Place;
}

/** A display that takes longer is shown late, after its cell's end. */
const DISPLAY_PATIENCE = 10_000;

/** So many errors that nothing caught are shown in a second. */
const MOST_STRAYS = 20;

interface DisplayOptions {
  displayId?: string;
  update?: boolean;
  metadata?: MimeBundle;
}

/** What tslab's own display implementation writes to. */
interface TslabDisplayData {
  data: MimeBundle;
  metadata: MimeBundle;
  transient?: { display_id?: string };
}

/** The runtime of evaluated cells (names.ts, RUNTIME): everything that rewritten code calls, and the globals that cells find. */
export class Runtime {
  readonly modules: LocalModules;
  readonly meta: object;
  readonly #port: MessagePort;
  readonly #outflow: Outflow;
  readonly #inputGate: SharedArrayBuffer;
  readonly #context = new AsyncLocalStorage<Origin>();
  readonly #cells = new Map<number, RunningCell>();
  readonly #beginning = new Map<number, () => void>();
  readonly #traces = new Traces();
  readonly #awaits = new Awaits();
  /** What displays have returned. */
  readonly #shows = new WeakSet<object>();
  readonly #comms = new Comms((comm) => this.#send({ type: 'comm', cell: this.#cellId(), comm }));
  readonly #results = new Results();
  readonly #workers = new Workers();
  #stdin: () => CellStdin | undefined = () => undefined;
  #latest: RunningCell | undefined;
  /** Errors that nothing caught, within the last second. */
  #strays = 0;

  constructor(port: MessagePort, inputGate: SharedArrayBuffer, outflow: Outflow, folder: string) {
    this.#port = port;
    this.#outflow = outflow;
    this.#inputGate = inputGate;
    const file = join(folder, 'notebook.ts');
    const url = pathToFileURL(file).href;
    this.modules = new LocalModules(folder, url, (file, maps) => this.#traces.addFile(file, maps));
    this.modules.onFiles = (paths) => this.#send({ type: 'files', paths });
    this.meta = Object.assign(Object.create(null), {
      url,
      filename: file,
      dirname: folder,
      main: true,
      resolve: (specifier: string) => this.modules.resolve(specifier),
    });
    port.on('message', (message: ToMain) => this.#receive(message));
  }

  install(): void {
    this.#traces.install();
    captureOutput((name, text) => this.#send({ type: 'stream', cell: this.#cellId(), name, text }));
    dressAsTerminal();
    showFunctionsAsWritten();
    tellResumes(() => this.#send({ type: 'resumes' }));
    watchChildren((pid) => this.#send({ type: 'child', cell: this.#cellId(), pid }));
    this.#workers.watch(() => this.#cellId());
    this.#stdin = installStdin({
      allowed: () => this.#current()?.allowStdin === true,
      ask: (prompt) => this.#send({ type: 'input', cell: this.#cellId(), prompt, password: false }),
    });
    this.#results.install();
    process.on('uncaughtException', (error) => this.#stray(error));
    process.on('unhandledRejection', (error) => this.#stray(error));
    const file = join(this.modules.folder, 'notebook.ts');
    const require = createRequire(file);
    const input = inputFunctions({
      port: this.#port,
      gate: this.#inputGate,
      cell: () => this.#cellId(),
      allowed: () => this.#current()?.allowStdin === true,
      receive: (message) => this.#receive(message),
    });
    Object.defineProperty(globalThis, RUNTIME, { value: this });
    const globals = {
      require,
      module: { exports: {}, id: file, filename: file, paths: require.resolve.paths('x') },
      exports: {},
      __filename: file,
      __dirname: this.modules.folder,
      cell: this.#cellObject(),
      h,
      Fragment,
      ...input,
    };
    for (const [name, value] of Object.entries(globals)) {
      Object.defineProperty(globalThis, name, { value, enumerable: false, writable: true, configurable: true });
    }
  }

  // What rewritten code calls.

  /**
   * Waits for a turn of the event loop, so that the inspector is done with the message that started the cell.
   * The inspector may have broken in on other code, amid Node's own bookkeeping too: so nothing is done here that needs
   * it (setImmediate has lost its wake-up like that); the controller thread sends the answer.
   */
  begin(id: number): Promise<void> {
    return new Promise((resolve) => {
      this.#beginning.set(id, resolve);
      this.#send({ type: 'begun', cell: id });
    });
  }

  /** Enters the cell's own context; what it starts from here on belongs to it. */
  enter(id: number): void {
    const cell = this.#cell(id);
    this.#context.enterWith({ cell });
    this.#latest = cell;
    if (cell.aborter.signal.aborted) throw new InterruptError();
    this.modules.refresh();
  }

  /** A statement of the cell's top level begins; what it starts goes back to it. */
  at(line: number, column: number): void {
    const { cell } = this.#context.getStore() ?? {};
    if (cell === undefined) return;
    cell.statement = { line, column };
    this.#context.enterWith({ cell, statement: cell.statement });
  }

  result(value: unknown): void {
    const cell = this.#context.getStore()?.cell;
    // A cell that ends in a display shows what it displays.
    if (cell !== undefined && !this.#shows.has(value as object)) cell.result = { value };
  }

  async end(id: number): Promise<void> {
    const cell = this.#cell(id);
    if (cell.ended) return;
    await cell.disposables.disposeAsync();
    await this.#shown(cell);
    if (cell.result !== undefined) {
      if (cell.numbered === true) this.#results.ended(cell.executionCount ?? 0, cell.result.value);
      const data = (await this.#awaits.await(viewsOf(cell.result.value))) as MimeBundle | undefined;
      if (data !== undefined) this.#send({ type: 'result', cell: id, data, metadata: {} });
    }
    this.#end(cell, { type: 'end', cell: id, status: 'ok' });
  }

  /**
   * Called by the controller with what the cell threw.
   * @param line where V8 refused to compile it, from 1, in the evaluated code
   */
  async fail(id: number, thrown: unknown, line?: number, column?: number): Promise<void> {
    const cell = this.#cell(id);
    // What V8 refuses at once is here before the cell's own message.
    if (cell.source === undefined) this.#receiveAll();
    if (cell.ended) return;
    let error = thrown;
    unmarkMessage(error);
    try {
      await cell.disposables.disposeAsync();
    } catch (disposing) {
      error = new SuppressedError(disposing, thrown);
    }
    // What an interrupt ends waits for nothing more.
    await this.#shown(cell).catch(() => {});
    if (line !== undefined && column !== undefined) this.#traces.refused(error, id, { line, column });
    const report = this.#traces.report(error, cell, cell.statement);
    this.#send({ type: 'error', cell: id, report });
    this.#end(cell, { type: 'end', cell: id, status: 'error', report });
  }

  failInterrupted(id: number): Promise<void> {
    return this.fail(id, new InterruptError());
  }

  /** @param place cell, line and column of the await; local modules give none */
  await(value: unknown, ...place: [number, number, number] | []): unknown {
    return this.#awaits.await(value, this.#noting(place));
  }

  iterate(iterable: AsyncIterable<unknown>, ...place: [number, number, number] | []): AsyncIterable<unknown> {
    return this.#awaits.iterate(iterable, this.#noting(place));
  }

  #noting([cell, line, column]: [number, number, number] | []): ((reason: unknown) => void) | undefined {
    if (cell === undefined || line === undefined || column === undefined) return undefined;
    return (reason) => this.#traces.passed(reason, { cell, line, column });
  }

  typeof = typeOf;
  caught = unmarkMessage;

  use<T extends Disposable | null | undefined>(value: T): T {
    return this.#context.getStore()?.cell.disposables.use(value) ?? value;
  }

  useAsync<T extends AsyncDisposable | Disposable | null | undefined>(value: T): T {
    return this.#context.getStore()?.cell.disposables.use(value) ?? value;
  }

  import(specifier: string, names: readonly string[] = [], attributes: ImportAttributes = {}): Promise<unknown> {
    return this.modules.import(specifier, names, attributes);
  }

  dynamicImport(specifier: unknown, options?: ImportCallOptions): Promise<unknown> {
    return this.modules.import(String(specifier), [], options?.with ?? {});
  }

  /** Where the tslab package's own display functions write. */
  tslabDisplay = ({ data, metadata, transient }: TslabDisplayData, update?: boolean): void => {
    this.#display(data, metadata, transient?.display_id, update === true);
  };

  /** A value as text, for inspection; called by the controller. */
  describe(value: unknown): string {
    return inspect(value, { depth: 2, maxArrayLength: 20, maxStringLength: 1000, getters: false });
  }

  // What cells see of the kernel.

  #cellObject(): object {
    const current = (): RunningCell | undefined => this.#current();
    return Object.freeze({
      get signal(): AbortSignal {
        return current()?.aborter.signal ?? new AbortController().signal;
      },
      get executionCount(): number {
        return current()?.executionCount ?? 0;
      },
      display: (value: unknown, options: DisplayOptions = {}): Promise<void> => {
        const shown = this.#displayValue(value, options, current());
        this.#shows.add(shown);
        return shown;
      },
      displayData: (data: MimeBundle, options: DisplayOptions = {}) =>
        this.#display(data, options.metadata ?? {}, options.displayId, options.update === true),
      comms: this.#comms,
      widget: (options: WidgetOptions) => new Widget(this.#comms, options),
      slider: (options: Parameters<typeof slider>[1] = {}) => slider(this.#comms, options),
      widgets: controls(this.#comms, {
        display: (data, id, update = false) => this.#display(data, {}, id, update),
      }),
      shell: (command: string) => runShell(command, current()?.aborter.signal ?? new AbortController().signal),
      capture: (command: string) => captureShell(command, current()?.aborter.signal ?? new AbortController().signal),
      magic: (name: string, argument?: string, body?: string) => runMagic(this.#magicHost(), name, argument, body),
      time,
      timeit: (work: () => unknown, options: TimeitOptions = {}) =>
        timeit(work, options, current()?.aborter.signal ?? new AbortController().signal),
      clock,
      clearOutput: (wait = false) => this.#send({ type: 'clear', cell: this.#cellId(), wait }),
    });
  }

  #magicHost(): MagicHost {
    const cell = this.#current();
    return {
      folder: this.modules.folder,
      shell: (command) => runShell(command, cell?.aborter.signal ?? new AbortController().signal),
      display: (data) => this.#display(data, {}, undefined, false),
      atEnd: (callback) => cell?.disposables.defer(callback),
    };
  }

  async #displayValue(value: unknown, options: DisplayOptions, cell: RunningCell | undefined): Promise<void> {
    const show = (data: MimeBundle = { 'text/plain': 'undefined' }): void =>
      this.#display(data, options.metadata ?? {}, options.displayId, options.update === true);
    const views = viewsOf(value);
    if (!types.isPromise(views)) return show(views);
    const { showing } = cell ?? { showing: new Set() };
    const { promise, resolve } = Promise.withResolvers<void>();
    showing.add(promise);
    try {
      show(await views);
    } finally {
      showing.delete(promise);
      resolve();
    }
  }

  #display(data: MimeBundle, metadata: MimeBundle, displayId: string | undefined, update: boolean): void {
    const message = { type: 'display', cell: this.#cellId(), data: encodeBundle(data), metadata, update } as const;
    this.#send(displayId === undefined ? message : { ...message, displayId });
  }

  /**
   * Waits for the displays that the cell began and did not await: a front end may look no further than its idle.
   * @throws InterruptError where an interrupt comes first
   */
  async #shown(cell: RunningCell): Promise<void> {
    if (cell.showing.size === 0 || cell.aborter.signal.aborted) return;
    const { promise: impatience, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, DISPLAY_PATIENCE);
    try {
      await this.#awaits.await(Promise.race([Promise.all(cell.showing), impatience]));
      // A display that failed is told of by Node in its next turn, and belongs to the cell as well.
      await new Promise((turn) => setImmediate(turn));
    } finally {
      clearTimeout(timer);
    }
  }

  #end(cell: RunningCell, message: FromMain & { type: 'end' }): void {
    cell.ended = true;
    cell.result = undefined;
    this.#cells.delete(cell.id);
    this.#send(message);
  }

  /** What was thrown after its cell had ended, or where nothing awaits it: shown under the cell, and survived. */
  #stray(error: unknown): void {
    if (error instanceof InterruptError) return;
    if (++this.#strays > MOST_STRAYS) return;
    if (this.#strays === 1)
      this.#context.run({ cell: this.#cell(this.#cellId()) }, () =>
        setTimeout(() => this.#countStrays(), 1000).unref(),
      );
    unmarkMessage(error);
    const report = this.#traces.report(error, this.#current(), this.#context.getStore()?.statement);
    this.#send({ type: 'error', cell: this.#cellId(), report });
  }

  #countStrays(): void {
    const more = this.#strays - MOST_STRAYS;
    this.#strays = 0;
    const text = `${more} more errors that nothing caught, within a second, are not shown\n`;
    if (more > 0) this.#send({ type: 'stream', cell: this.#cellId(), name: 'stderr', text });
  }

  #cell(id: number): RunningCell {
    const known = this.#cells.get(id);
    if (known !== undefined) return known;
    const cell: RunningCell = {
      id,
      aborter: new AbortController(),
      disposables: new AsyncDisposableStack(),
      showing: new Set(),
      result: undefined,
      ended: false,
    };
    this.#cells.set(id, cell);
    return cell;
  }

  #current(): RunningCell | undefined {
    return this.#context.getStore()?.cell ?? this.#latest;
  }

  #cellId(): number {
    return this.#current()?.id ?? 0;
  }

  #receiveAll(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port) as { message: ToMain } | undefined;
      if (received === undefined) return;
      this.#receive(received.message);
    }
  }

  #receive(message: ToMain): void {
    if (message.type === 'cell') {
      Object.assign(this.#cell(message.id), message);
      if (message.numbered) this.#results.began(message.executionCount, message.source);
      if (/\bDeno\b/.test(message.source)) {
        installDeno({
          display: (data, metadata, id, update) => this.#display(data, metadata, id, update),
          publish: (kind, content, metadata, buffers) =>
            this.#send({ type: 'publish', cell: this.#cellId(), kind, content, metadata, buffers }),
        });
      }
      this.#traces.add(message);
      for (const name of message.unknown) bindToGlobal(name);
    } else if (message.type === 'go') {
      this.#beginning.get(message.cell)?.();
      this.#beginning.delete(message.cell);
    } else if (message.type === 'ask') {
      void this.#answer(message);
    } else if (message.type === 'input') {
      this.#stdin()?.answer(message.value);
    } else if (message.type === 'interrupt') {
      const error = new InterruptError();
      const interrupted = new Set([...this.#cells.values()].filter((cell) => !cell.ended).map(({ id }) => id));
      const [cell = 0] = interrupted;
      this.#workers.interrupt(interrupted, (text) => this.#send({ type: 'stream', cell, name: 'stderr', text }));
      this.#stdin()?.interrupt();
      for (const cell of this.#cells.values()) if (!cell.ended) cell.aborter.abort(error);
      this.#awaits.interrupt(error);
      if ('serial' in message) this.#send({ type: 'interrupted', serial: message.serial });
    }
  }

  async #answer(asked: ToMain & { type: 'ask' }): Promise<void> {
    try {
      if (asked.question === 'comm') {
        const { cell, comm } = asked.argument;
        this.#context.run({ cell: this.#cell(cell) }, () => this.#comms.receive(comm));
      }
    } catch (error) {
      this.#stray(error);
    }
    // What a handler awaits only briefly still belongs to its message.
    await new Promise((resolve) => setImmediate(resolve));
    if (asked.question === 'comm') await this.#shown(this.#cell(asked.argument.cell)).catch(() => {});
    this.#send({ type: 'answer', id: asked.id, value: undefined });
  }

  #send(message: FromMain): void {
    if (isOutput(message)) this.#outflow.wait();
    this.#port.postMessage(message);
  }
}
