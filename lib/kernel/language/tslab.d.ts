/** tslab's display API, for folders where the package itself is not installed. */
export interface Display {
  javascript(s: string): void;
  html(s: string): void;
  markdown(s: string): void;
  latex(s: string): void;
  svg(s: string): void;
  png(b: Uint8Array): void;
  jpeg(b: Uint8Array): void;
  gif(b: Uint8Array): void;
  pdf(b: Uint8Array): void;
  text(s: string): void;
  raw(contentType: string, b: string | Uint8Array): void;
}
export declare function newDisplay(): Display;
export declare const display: Display;
export declare const versions: { tslab: string; typescript: string; node: string };
