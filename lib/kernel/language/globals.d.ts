/** What a cell finds without importing anything. */

interface KernelCell {
  /** Aborted when the cell is interrupted: hand it to whatever takes an AbortSignal. */
  readonly signal: AbortSignal;
  /** The execution count shown beside the cell. */
  readonly executionCount: number;
  /** Runs a command line in the shell, as a line `!command` does. */
  shell(command: string): Promise<void>;
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
  slider(options?: { min?: number; max?: number; step?: number; value?: number; label?: string }): KernelWidget;
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
