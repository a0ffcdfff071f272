// What sanitize.ts uses of jsdom. Its published types bring the browser's globals into every file of the library.
declare module 'jsdom' {
  export class JSDOM {
    constructor(html: string);
    readonly window: import('dompurify').WindowLike & {
      XMLSerializer: new () => { serializeToString(node: unknown): string };
    };
  }
}
