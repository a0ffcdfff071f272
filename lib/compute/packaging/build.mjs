// npm's prepack: `dist` holds this room, the random numbers and the part of set-up that makes TensorFlow's binding, as JavaScript with types.
// Types are blanked out, so that lines and columns are the sources' own.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PACKAGE } from '../name.mjs';

const [major] = process.versions.node.split('.').map(Number);
if (major < 24) throw new Error(`packing needs Node 24 or newer, this is ${process.version} (${process.execPath})`);
const room = fileURLToPath(new URL('..', import.meta.url));
const repository = join(room, '..', '..');
const dist = join(room, 'dist');
rmSync(dist, { recursive: true, force: true });
if (process.argv[2] !== '--clean') build();

function build() {
  process.removeAllListeners('warning');
  const sources = {
    'lib/compute': ['**/*.ts', 'node-util.cjs', 'name.mjs'],
    'lib/random': ['**/*.ts'],
    environment: ['prerequisites.mjs', 'steps.mjs', 'tensorflow.mjs', 'unpack_wheel.py', 'tensorflow-*.txt'],
  };
  for (const [folder, patterns] of Object.entries(sources)) {
    const cwd = join(repository, folder);
    for (const path of globSync(patterns, { cwd, exclude: ['dist/**', 'packaging/**', '**/node_modules/**'] })) {
      write(join(folder.replace('lib/', ''), path), join(cwd, path));
    }
  }
  copyFileSync(join(room, 'packaging', 'bin.mjs'), join(dist, 'bin.mjs'));
  chmodSync(join(dist, 'bin.mjs'), 0o755);
  declarations();
}

function write(target, source) {
  const path = join(dist, target.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(path), { recursive: true });
  const text = readFileSync(source, 'utf8');
  const blanked = source.endsWith('.ts') ? module.stripTypeScriptTypes(text) : text;
  const named = blanked
    .replace(/(['"])(\.{1,2}\/[\w./-]+)\.ts\1/g, '$1$2.js$1')
    .replaceAll('L2_DYNAMICS', PACKAGE.toUpperCase().replaceAll('-', '_'))
    .replaceAll("'l2-dynamics", `'${PACKAGE}`)
    .replaceAll('npm run setup', `npx ${PACKAGE} setup`);
  writeFileSync(path, named);
}

/** Types as tfjs itself has them: which of its bindings is installed makes no difference to them. */
function declarations() {
  const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!existsSync(tsc)) throw new Error('TypeScript is not installed here: npm ci in the repository');
  const options = ['--declaration', '--emitDeclarationOnly', '--noEmit', 'false', '--rootDir', join(repository, 'lib')];
  const config = join(dist, 'tsconfig.json');
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(repository, 'tsconfig.json'),
      compilerOptions: { rewriteRelativeImportExtensions: true },
      include: [join(room, 'index.ts')],
      exclude: [],
    }),
  );
  execFileSync(process.execPath, [tsc, '--project', config, ...options, '--outDir', dist], { stdio: 'inherit' });
  rmSync(config);
  for (const path of globSync('**/*.d.ts', { cwd: dist })) {
    const text = readFileSync(join(dist, path), 'utf8');
    writeFileSync(
      join(dist, path),
      text
        .replace(/(['"])(\.{1,2}\/[\w./-]+)\.ts\1/g, '$1$2.js$1')
        .replaceAll('@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs'),
    );
  }
}
