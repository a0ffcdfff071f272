/** `npm:name@version/path`, as Deno and others write it. */
export const SPECIFIER = /^npm:\/?((?:@[^/@]+\/)?[^/@]+)(@[^/]+)?(\/.*)?$/;

/** The name by which Node finds what an `npm:` specifier means; any other specifier as it is. */
export function withoutNpm(specifier: string): string {
  return specifier.replace(SPECIFIER, '$1$3');
}
