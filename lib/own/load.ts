/** A file that defines a sweep, as the command that trains it and its child processes read it. */
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DefinitionError, type OwnSweep } from './types.ts';

const ENDINGS = ['.ts', '.mts', '.js', '.mjs'];

/** Whether what a command was given names a file, not one of the paper's sweeps. */
export const isDefinitionFile = (name: string): boolean => /[/\\]/.test(name) || ENDINGS.includes(extname(name));

/**
 * The sweep that is the default export of `file`, an absolute path.
 * @throws DefinitionError where there is none, or the file cannot be loaded
 */
export async function openDefinition(file: string): Promise<OwnSweep> {
  if (!existsSync(file)) throw new DefinitionError(`${file}: there is no such file`);
  if (!ENDINGS.includes(extname(file)))
    throw new DefinitionError(`${file}: expected a file that ends with ${ENDINGS.join(', ')}`);
  let sweep: unknown;
  try {
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    sweep = await module.default;
  } catch (error) {
    if (error instanceof DefinitionError) throw new DefinitionError(`${file}: ${error.message}`, { cause: error });
    throw new DefinitionError(`${file} cannot be loaded: ${(error as Error).message}`, { cause: error });
  }
  if (typeof (sweep as OwnSweep | undefined)?.runs !== 'function' || typeof (sweep as OwnSweep).model !== 'function')
    throw new DefinitionError(`${file}: its default export is no sweep. Expected export default defineSweep({ ... })`);
  // A file may hand on what another defines: what trains is this one.
  return { ...(sweep as OwnSweep), definition: file };
}
