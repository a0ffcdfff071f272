// npm's prepack: `dist` is this folder with JavaScript in place of TypeScript, which Node refuses below node_modules.
// Types are blanked out, so that lines and columns are the sources' own.
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const [major] = process.versions.node.split('.').map(Number);
if (major < 24) throw new Error(`packing needs Node 24 or newer, this is ${process.version} (${process.execPath})`);
const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });
if (process.argv[2] !== '--clean') build();

function build() {
  process.removeAllListeners('warning');
  const exclude = ['**/node_modules/**', 'dist/**', 'packaging/**', 'papermill/**', 'bin.mjs'];
  for (const path of globSync('**/*.{ts,mjs,cjs,json,svg}', { cwd: root, exclude })) {
    const source = join(root, path);
    const isCode = /\.(ts|mjs|cjs)$/.test(path) && !path.endsWith('.d.ts');
    const target = join(dist, isCode ? path.replace(/\.ts$/, '.js') : path);
    mkdirSync(dirname(target), { recursive: true });
    if (isCode) writeFileSync(target, javaScript(source));
    else copyFileSync(source, target);
  }
}

/** @param {string} path of a source */
function javaScript(path) {
  const text = readFileSync(path, 'utf8');
  const blanked = path.endsWith('.ts') ? module.stripTypeScriptTypes(text) : text;
  // Every string that names another source of the kernel: in imports, in new URL(), in what is required late.
  return blanked.replace(/(['"])(\.{1,2}\/[\w./-]+)\.ts\1/g, (all, quote, name) =>
    !name.endsWith('.d') && existsSync(join(dirname(path), `${name}.ts`)) ? `${quote}${name}.js${quote}` : all,
  );
}

if (existsSync(dist)) console.error(`built ${relative(process.cwd(), dist) || '.'}`);
