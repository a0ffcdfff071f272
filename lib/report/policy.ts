/** What a page may run and load: its own scripts and pictures, and nothing that its content brings. */
import { createHash } from 'node:crypto';

const sha256 = (script: string): string => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

/**
 * The Content-Security-Policy of a page as an element for its head, before everything that it shall hold for.
 * @param scripts the text of every inline script that may run, to the byte. A page with none runs nothing
 */
export function contentSecurityPolicy(scripts: readonly string[]): string {
  // `strict-dynamic`: what these scripts load may run, too. From file:// no hash of a file can be checked, so an inline script loads them.
  const allowed = scripts.length > 0 ? ["'strict-dynamic'", ...scripts.map(sha256)].join(' ') : "'none'";
  const policy = [
    "default-src 'none'",
    `script-src ${allowed}`,
    // Charts set styles of their own. From file:// "self" is no match everywhere.
    "style-src 'self' file: 'unsafe-inline'",
    "img-src 'self' file: data: blob:",
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
}

/** An inline script that loads the files at these addresses, in their order. */
export const loader = (files: readonly string[]): string =>
  `for (const file of ${JSON.stringify(files).replaceAll('<', '\\u003c')}) {
  const script = document.createElement('script');
  script.async = false;
  script.src = file;
  document.body.append(script);
}`;
