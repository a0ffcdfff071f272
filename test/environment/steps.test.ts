// What counts as done: a download or build that was killed at any moment never does, and the next set-up goes on from there.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, test } from 'node:test';
import { lock, runSteps, SetupError } from '../../environment/steps.mjs';
import { bareCheckout, realProgram, ROOT, run } from './checkout.ts';

const folder = mkdtempSync(join(tmpdir(), 'l2-dynamics-steps-'));
const checkout = bareCheckout();
after(() => {
  rmSync(folder, { recursive: true, force: true });
  checkout[Symbol.dispose]();
});

/** A wheel of TensorFlow's name with 64 MB of noise in the library's place, where pip finds it without a network. */
function makeWheel(): { library: Buffer; hash: string } {
  const library = randomBytes(64e6);
  const wheels = join(folder, 'wheels');
  mkdirSync(wheels);
  writeFileSync(join(folder, 'library'), library);
  const script = `
import hashlib, sys, zipfile
path = sys.argv[2] + '/tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl'
with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as wheel:
    wheel.write(sys.argv[1], 'tensorflow/libtensorflow_cc.so.2')
    wheel.writestr('tensorflow/libtensorflow_framework.so.2', 'framework')
    wheel.writestr('tensorflow/include/tensorflow/c/c_api.h', '/* header */')
    wheel.writestr('tensorflow/python/not_wanted.py', '')
    wheel.writestr('tensorflow_cpu-2.21.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: tensorflow-cpu\\nVersion: 2.21.0\\n')
    wheel.writestr('tensorflow_cpu-2.21.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\n')
    wheel.writestr('tensorflow_cpu-2.21.0.dist-info/RECORD', '')
print(hashlib.sha256(open(path, 'rb').read()).hexdigest())`;
  const output = execFileSync(realProgram('python3'), ['-c', script, join(folder, 'library'), wheels], {
    encoding: 'utf8',
  });
  return { library, hash: output.trim() };
}

const wheel = makeWheel();
const env = { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: join(folder, 'wheels') };
const requirements = join(checkout.root, 'environment', 'tensorflow-cpu.txt');
const pin = (hash: string) => writeFileSync(requirements, `tensorflow-cpu==2.21.0 --hash=sha256:${hash}\n`);

/** A program that runs the libtensorflow step alone, into `cache`. */
const program = `
const { libtensorflowStep } = await import(${JSON.stringify(pathToFileURL(join(checkout.root, 'environment/tensorflow.mjs')).href)});
const { runSteps } = await import(${JSON.stringify(pathToFileURL(join(checkout.root, 'environment/steps.mjs')).href)});
await runSteps([libtensorflowStep(${JSON.stringify(checkout.root)}, 'cpu')], ${JSON.stringify(join(folder, 'logs'))}, console.log);`;
const step = ['--input-type=module', '-e', program.replaceAll('\n', ' ')];

test('a library whose download or unpacking is killed does not count as done and is made whole by the next run', async () => {
  pin(wheel.hash);
  const cache = join(folder, 'cache');
  const withCache = { ...env, L2_DYNAMICS_CACHE: cache };
  const inside = (pid: number, ...parts: string[]) =>
    (existsSync(cache) ? readdirSync(cache) : []).some(
      (name) => name.endsWith(`.tmp-${pid}`) && existsSync(join(cache, name, ...parts)),
    );
  const moments = [['pip'], ['wheels'], ['unpacked', 'tensorflow', 'libtensorflow_cc.so.2']];
  for (const moment of moments) {
    const child = spawn(process.execPath, step, { env: withCache, detached: true, stdio: 'ignore' });
    const pid = child.pid ?? 0;
    const gone = new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal)));
    while (!inside(pid, ...moment) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 1));
    process.kill(-pid, 'SIGKILL');
    assert.equal(await gone, 'SIGKILL', `killed once ${moment.join('/')} was there`);
    assert.ok(inside(pid), 'the killed run left its temporary folder');
    assert.deepEqual(
      readdirSync(cache).filter((name) => !name.includes('.tmp-')),
      [],
      'nothing that counts',
    );
  }
  const { code, output } = await run(process.execPath, step, withCache);
  assert.equal(code, 0, output);
  const [name, ...more] = readdirSync(cache);
  assert.deepEqual(more, [], 'leftovers of the killed runs are removed');
  const unpacked = join(cache, name ?? '', 'tensorflow');
  assert.ok(readFileSync(join(unpacked, 'libtensorflow_cc.so.2')).equals(wheel.library));
  assert.deepEqual(readdirSync(unpacked).toSorted(), [
    'include',
    'libtensorflow_cc.so.2',
    'libtensorflow_framework.so.2',
  ]);
  assert.match((await run(process.execPath, step, withCache)).output, /libtensorflow +up to date/);
});

test('a wheel with another hash than the pinned one is refused and leaves nothing that counts', async () => {
  pin('0'.repeat(64));
  const cache = join(folder, 'cache-of-wrong-hash');
  const { code, output } = await run(process.execPath, step, { ...env, L2_DYNAMICS_CACHE: cache });
  assert.equal(code, 1);
  assert.match(output, /THESE PACKAGES DO NOT MATCH THE HASHES/);
  assert.deepEqual(
    readdirSync(cache).filter((name) => !name.includes('.tmp-')),
    [],
  );
});

test('steps run after those they need, beside the others, and one line each tells the time', async () => {
  const order: string[] = [];
  const made = new Set<string>();
  const of = (name: string, after: string[] = [], milliseconds = 0) => ({
    name,
    after,
    isDone: () => made.has(name),
    run: async () => {
      order.push(`+${name}`);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      order.push(`-${name}`);
      made.add(name);
    },
  });
  const steps = [of('slow', [], 60), of('quick'), of('last', ['slow', 'quick'])];
  const lines: string[] = [];
  await runSteps(steps, join(folder, 'logs'), (line: string) => lines.push(line));
  assert.deepEqual(order, ['+slow', '+quick', '-quick', '-slow', '+last', '-last']);
  assert.deepEqual(
    lines.map((line) => line.trim().replace(/\d+\.\d s/, 'N s')),
    ['quick  N s', 'slow   N s', 'last   N s'],
  );
  order.length = 0;
  lines.length = 0;
  await runSteps(steps, join(folder, 'logs'), (line: string) => lines.push(line));
  assert.deepEqual(order, [], 'nothing that is done is done again');
  assert.ok(lines.length === 3 && lines.every((line) => line.endsWith('up to date')));
});

test('when a step fails those that need it do not start, its last words are shown, and running ones finish', async () => {
  const made: string[] = [];
  const steps = [
    {
      name: 'bad',
      isDone: () => false,
      run: async (command: (program: string, args: string[]) => Promise<string>) => {
        await command(process.execPath, ['-e', 'console.error("disk on fire"); process.exit(3)']);
      },
    },
    {
      name: 'beside',
      isDone: () => false,
      run: async () => {
        await new Promise((resolve) => setTimeout(resolve, 500));
        made.push('beside');
      },
    },
    { name: 'needs bad', after: ['bad'], isDone: () => false, run: async () => void made.push('needs bad') },
  ];
  await assert.rejects(
    runSteps(steps, join(folder, 'logs'), () => {}),
    (error: Error) => error instanceof SetupError && /bad: .*exit code 3\n\s+disk on fire/.test(error.message),
  );
  assert.deepEqual(made, ['beside']);
});

test('two set-ups do not work in one checkout at once, and the lock of a killed one does not stay', async () => {
  const place = join(folder, 'lock');
  const said: string[] = [];
  const unlock = await lock(place, () => {});
  let entered = false;
  const second = lock(place, (line: string) => said.push(line)).then((release: () => void) => {
    entered = true;
    return release;
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(entered, false);
  assert.match(said[0] ?? '', new RegExp(`process ${process.pid}\\) works in this checkout`));
  unlock();
  (await second)();
  const holder = `(await import(${JSON.stringify(pathToFileURL(join(ROOT, 'environment/steps.mjs')).href)})).lock(${JSON.stringify(place)}, () => {}).then(() => process.kill(process.pid, 'SIGKILL'))`;
  await run(process.execPath, ['--input-type=module', '-e', holder]);
  assert.ok(existsSync(join(place, 'lock')), 'the killed holder left its lock');
  (await lock(place, () => {}))();
});
