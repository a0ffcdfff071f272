/** What a cell finds without importing anything. */

interface KernelCell {
  /** Aborted when the cell is interrupted: hand it to whatever takes an AbortSignal. */
  readonly signal: AbortSignal;
  /** The execution count shown beside the cell. */
  readonly executionCount: number;
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
declare const Fragment: unique symbol;
interface KernelElement {
  toString(): string;
}
declare namespace JSX {
  type Element = KernelElement;
  interface IntrinsicElements {
    [tag: string]: Record<string, unknown>;
  }
}
