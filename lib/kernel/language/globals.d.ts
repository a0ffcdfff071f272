/** What a cell finds without importing anything. */

interface KernelCell {
  /** Aborted when the cell is interrupted: hand it to whatever takes an AbortSignal. */
  readonly signal: AbortSignal;
  /** The execution count shown beside the cell. */
  readonly executionCount: number;
  /** Runs a command line in the shell, as a line `!command` does. */
  shell(command: string): Promise<void>;
  /** Runs a command line as well; gives the lines that it prints, as `const lines = !command` does. */
  capture(command: string): Promise<string[]>;
  /** Runs a magic as the line `%name argument` does, or the cell `%%name argument` with the lines of `body`. */
  magic(name: string, argument?: string, body?: string): Promise<void>;
  /** Prints how long the work takes; gives what it gives. */
  time<T>(work: () => T): T;
  /** Prints how long the work takes on average, over several runs of many loops. */
  timeit(work: () => unknown, options?: { loops?: number; runs?: number }): Promise<void>;
  /** Starts a clock; with true prints how long the latest one has run. */
  clock(told?: boolean): void;
  /** Shows any value as a cell's result would be shown. */
  display(value: unknown, options?: KernelDisplayOptions): Promise<void>;
  /** Shows a MIME bundle: several types of the same thing, binary ones as Uint8Array. */
  displayData(bundle: Record<string, unknown>, options?: KernelDisplayOptions): void;
  /** @param wait until the next output comes, so that nothing flickers */
  clearOutput(wait?: boolean): void;
  readonly comms: KernelComms;
  /** A widget by anywidget's protocol; shown where it is a cell's result. Needs anywidget's extension in JupyterLab. */
  widget(options: { esm: string; css?: string; state?: Record<string, unknown> }): KernelWidget;
  /** A widget with a number from `min` (0) to `max` (100): its key `value`. */
  slider(options?: {
    min?: number;
    max?: number;
    step?: number;
    value?: number;
    label?: string;
  }): KernelControl<number>;
  readonly widgets: KernelControls;
}

interface KernelNumbers {
  min?: number;
  max?: number;
  step?: number;
  value?: number;
  label?: string;
}

/** Widgets with one value each, and a function bound to some of them. */
interface KernelControls {
  slider(options?: KernelNumbers): KernelControl<number>;
  select<T extends string>(options: { options: readonly T[]; value?: T; label?: string }): KernelControl<T>;
  checkbox(options?: { value?: boolean; label?: string }): KernelControl<boolean>;
  text(options?: { value?: string; label?: string }): KernelControl<string>;
  /** Its value is how often it was clicked. */
  button(options?: { label?: string; onClick?: (clicks: number) => void }): KernelControl<number>;
  /** Counts from `min` to `max`, a `step` every `interval` milliseconds (100). */
  play(options?: KernelNumbers & { interval?: number }): KernelControl<number>;
  /** How much of `max` (1) is done; set its `value`. */
  progress(options?: { max?: number; value?: number; label?: string }): KernelControl<number>;
  /**
   * Shows controls, and below what the function gives for their values, again at every change: `[min, max]` and
   * `[min, max, step]` slide, as a number does; a boolean is checked, a text typed, one of several texts chosen.
   */
  interact<const B extends Record<string, KernelBound>>(
    run: (values: { [K in keyof B]: KernelBoundValue<B[K]> }) => unknown,
    bound: B,
  ): Promise<{ [K in keyof B]: KernelControl<KernelBoundValue<B[K]>> }>;
}

type KernelBound = number | boolean | string | readonly number[] | readonly string[] | KernelWidget;
type KernelBoundValue<B> =
  B extends KernelControl<infer T>
    ? T
    : B extends readonly (infer T)[]
      ? T extends number
        ? number
        : T
      : B extends number
        ? number
        : B extends boolean
          ? boolean
          : B extends string
            ? string
            : unknown;

interface KernelControl<T> extends KernelWidget {
  /** As both sides have it; set here, it is set in the front end. */
  value: T;
  /** Calls back whenever the front end changes the value; the function returned ends it. */
  onValue(listener: (value: T) => void): () => void;
}

interface KernelDisplayOptions {
  /** Names the output, so that a later one can take its place. */
  displayId?: string;
  /** Take the place of what was shown under `displayId`. */
  update?: boolean;
  metadata?: Record<string, unknown>;
}

interface KernelCommOptions {
  metadata?: Record<string, unknown>;
  buffers?: Uint8Array[];
}

type KernelCommData = Record<string, unknown>;

interface KernelComm {
  readonly id: string;
  readonly target: string;
  send(data: unknown, options?: KernelCommOptions): void;
  close(data?: unknown): void;
  onMessage(handler: (data: KernelCommData, buffers: Uint8Array[]) => void): () => void;
  onClose(handler: (data: KernelCommData, buffers: Uint8Array[]) => void): () => void;
}

/** Custom messages between cells and the front end. */
interface KernelComms {
  registerTarget(name: string, target: (comm: KernelComm, data: KernelCommData, buffers: Uint8Array[]) => void): void;
  unregisterTarget(name: string): void;
  open(target: string, data?: unknown, options?: KernelCommOptions): KernelComm;
}

interface KernelWidget {
  get(key: string): unknown;
  /** Sets a value here and in the front end. */
  set(key: string, value: unknown): void;
  /** Calls back whenever the front end changes the value; the function returned ends it. */
  onChange(key: string, listener: (value: unknown) => void): () => void;
  close(): void;
}

declare var cell: KernelCell;

/** The sources of cells, by the numbers beside them. */
declare var In: readonly string[];
/** The results of cells, by the numbers beside them; large ones for as long as something else holds them. */
// oxlint-disable-next-line typescript/no-explicit-any -- what a cell gave may be anything
declare var Out: Readonly<Record<number, any>>;
/** The last result; `__` and `___` are those before. */
// oxlint-disable-next-line typescript/no-explicit-any -- as above
declare var _: any;
// oxlint-disable-next-line typescript/no-explicit-any -- as above
declare var __: any;
// oxlint-disable-next-line typescript/no-explicit-any -- as above
declare var ___: any;

/** Deno's display API, for notebooks made for its kernel. Nothing else of Deno is there. */
declare namespace Deno {
  namespace jupyter {
    type MediaBundle = Record<string, string | object | Uint8Array>;
    interface Displayable {
      [key: symbol]: () => MediaBundle | Promise<MediaBundle>;
    }
    interface DisplayOptions {
      /** The object is a MIME bundle already. */
      raw?: boolean;
      /** Take the place of what was shown under `display_id`. */
      update?: boolean;
      display_id?: string;
    }
    const $display: unique symbol;
    function display(obj: unknown, options?: DisplayOptions): Promise<void>;
    function html(strings: TemplateStringsArray, ...values: unknown[]): Displayable;
    function md(strings: TemplateStringsArray, ...values: unknown[]): Displayable;
    function svg(strings: TemplateStringsArray, ...values: unknown[]): Displayable;
    /** A PNG, JPEG, GIF, WebP or SVG, by its path or its bytes. */
    function image(pathOrData: string | URL | Uint8Array): Displayable;
    function format(obj: unknown): Promise<MediaBundle>;
    /** Publishes a message of any type under this cell. */
    function broadcast(
      msgType: string,
      content: Record<string, unknown>,
      extra?: { metadata?: Record<string, unknown>; buffers?: (ArrayBuffer | Uint8Array)[] },
    ): Promise<void>;
  }
}

/** Asks for a line of text; undefined arguments are an empty question. Throws where the front end takes no input. */
declare function prompt(message?: string, defaultValue?: string): string | null;
declare function confirm(message?: string): boolean;
declare function alert(message?: string): void;
/** Asks for a line that is not shown while it is typed. */
declare function password(message?: string): string;

/** Element factory of JSX in cells where no tsconfig chooses another: plain HTML, shown as HTML. */
declare function h(tag: unknown, attributes: Record<string, unknown> | null, ...children: unknown[]): KernelElement;
declare function Fragment(attributes: { children?: unknown }): KernelElement;
interface KernelElement {
  toString(): string;
}
declare namespace h {
  namespace JSX {
    type Element = KernelElement;
    interface IntrinsicElements {
      [tag: string]: Record<string, unknown>;
    }
  }
}
