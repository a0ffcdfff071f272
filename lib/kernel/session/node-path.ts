import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { PACKAGE } from '../name.mjs';

/**
 * A PATH on which `node` is the kernel's own: what npm builds from a cell is then built for the Node that loads it.
 * Nothing else moves to the front, since beside a Node there may be a whole /usr/bin.
 */
export function pathWithNode(path: string): string {
  const windows = process.platform === 'win32';
  const find = (name: string): string | undefined =>
    path
      .split(delimiter)
      .map((folder) => join(folder, windows ? `${name}.exe` : name))
      .find((file) => existsSync(file));
  try {
    const node = realpathSync(process.execPath);
    const first = find('node');
    if (first !== undefined && realpathSync(first) === node) return path;
    if (windows) return [dirname(node), path].join(delimiter);
    const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
    const folder = join(cache, PACKAGE, `node-${createHash('sha256').update(node).digest('hex').slice(0, 12)}`);
    if (!existsSync(join(folder, 'node'))) {
      mkdirSync(folder, { recursive: true });
      symlinkSync(node, join(folder, 'node'));
    }
    if (find('npm') === undefined) bringNpm(node, folder);
    return [folder, path].join(delimiter);
  } catch {
    // No folder can be made, or another kernel makes the same one at this moment.
    return [dirname(process.execPath), path].join(delimiter);
  }
}

/** Where there is no npm, that of the kernel's Node, if it has one. */
function bringNpm(node: string, folder: string): void {
  for (const name of ['npm', 'npx']) {
    const script = join(dirname(node), `../lib/node_modules/npm/bin/${name}-cli.js`);
    if (!existsSync(script) || existsSync(join(folder, name))) continue;
    writeFileSync(join(folder, name), `#!/bin/sh\nexec "${node}" "${script}" "$@"\n`, { mode: 0o755 });
  }
}
