// Each thing that set-up needs is taken away in turn: the error names it and says how to get it, and nothing is begun.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { diskProblem, node24Problem, nodeProblem, whyNoTraining } from '../../environment/prerequisites.mjs';
import { bareCheckout, realProgram, run } from './checkout.ts';

const checkout = bareCheckout();
after(() => checkout[Symbol.dispose]());

const everything = ['node', 'npm', 'python3', 'g++', 'sh', 'env'];
const without = (...names: string[]) => everything.filter((name) => !names.includes(name));

/** Set-up must fail with these texts and leave nothing behind. */
async function refuses(env: NodeJS.ProcessEnv, texts: RegExp[], nodeArguments: string[] = []): Promise<void> {
  const { code, output } = await run(process.execPath, [...nodeArguments, checkout.setup], env);
  assert.equal(code, 1, output);
  for (const text of texts) assert.match(output, text);
  assert.doesNotMatch(output, /\bat .*\.mjs:\d+/, 'a person is shown the message, not a stack');
  for (const made of ['node_modules', '.venv', 'cache'])
    assert.ok(!existsSync(join(checkout.root, made)), `${made} was made`);
}

test('without python3 set-up says which Python it needs and how to get it', () =>
  refuses(checkout.env(without('python3')), [
    /python3 \(3\.10 or newer\) was not found on the PATH.*apt-get install python3/,
  ]));

test('with a Python that is too old set-up names its version', () =>
  refuses(checkout.env(without('python3'), { python3: '#!/bin/sh\necho 3.9.2\necho /usr/bin/python3\n' }), [
    /python3 is Python 3\.9\.2: 3\.10 or newer is needed/,
  ]));

test('with a Python that lacks venv or ensurepip set-up names the package that has them', () => {
  const python = `#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexec ${realProgram('python3')} "$@"\n`;
  return refuses(checkout.env(without('python3'), { python3: python }), [
    /lacks the modules venv and ensurepip.*apt-get install python3-venv/,
  ]);
});

test('without a C++ compiler set-up names the package and how to do without', () =>
  refuses(checkout.env(without('g++')), [
    /a C\+\+ compiler .* was not found.*apt-get install g\+\+.*L2_DYNAMICS_WITHOUT=training/,
  ]));

test('without npm set-up says where it comes from', () =>
  refuses(checkout.env(without('npm')), [/npm was not found on the PATH. It comes with Node\.js/]));

test('what is missing is told all at once', () =>
  refuses(checkout.env(['node', 'sh', 'env']), [
    /npm was not found/,
    /python3 .* was not found/,
    /C\+\+ compiler .* was not found/,
  ]));

test('on a Node.js that is too old set-up names both versions', () => {
  const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } })`;
  return refuses(
    checkout.env(everything),
    [/Node\.js 20\.19 or newer is needed and this is 18\.20\.4.*https:\/\/nodejs\.org/],
    ['--import', `data:text/javascript,${encodeURIComponent(old)}`],
  );
});

test('on a full disk set-up says what needs how much room and where', () => {
  // /proc has no free block: the disk is full by nature.
  const env = { ...checkout.env(everything), L2_DYNAMICS_CACHE: '/proc/l2-dynamics' };
  return refuses(env, [
    /TensorFlow needs \d+\.\d GB on the disk of \/proc\/l2-dynamics and only 0\.0 GB are free.*L2_DYNAMICS_CACHE/,
  ]);
});

test('an unknown device is refused by name', () =>
  refuses({ ...checkout.env(everything), L2_DYNAMICS_DEVICE: 'tpu' }, [
    /L2_DYNAMICS_DEVICE must be "cpu" or "gpu", not "tpu"/,
  ]));

test('room is asked of the nearest folder that exists', () => {
  const statfs = (folder: string) => ({ bavail: folder === checkout.root ? 10 : 0, bsize: 1e9 });
  const inside = join(checkout.root, 'not', 'yet', 'there');
  assert.equal(diskProblem(inside, 9e9, 'Set-up', statfs), undefined);
  assert.match(diskProblem(inside, 11e9, 'Set-up', statfs) ?? '', /Set-up needs 11\.0 GB .* only 10\.0 GB are free/);
});

test('Node 20.19 and newer pass', () => {
  for (const version of ['20.19.0', '20.20.2', '22.0.0', '24.21.0'])
    assert.equal(nodeProblem(version), undefined, version);
  for (const version of ['20.18.9', '18.20.4', '16.0.0']) assert.match(nodeProblem(version) ?? '', /20\.19 or newer/);
});

test('elsewhere than on Linux x64 with glibc training is left out with the reason, and Node 24 must be there', () => {
  const glibc = { getReport: () => ({ header: { glibcVersionRuntime: '2.36' } }) };
  const host = { env: {}, versions: { node: '20.19.0' }, platform: 'linux', arch: 'x64', report: glibc };
  assert.equal(whyNoTraining(host), undefined);
  assert.equal(node24Problem(host), undefined);
  const mac = { ...host, platform: 'darwin', arch: 'arm64' };
  assert.match(whyNoTraining(mac) ?? '', /training needs Linux x64 and this is darwin arm64/);
  assert.match(node24Problem(mac) ?? '', /Node\.js 24 or newer is needed on darwin arm64 and this is 20\.19\.0/);
  assert.equal(node24Problem({ ...mac, versions: { node: '24.1.0' } }), undefined);
  const alpine = { ...host, report: { getReport: () => ({ header: {} }) } };
  assert.match(whyNoTraining(alpine) ?? '', /needs a Linux with glibc/);
  assert.match(whyNoTraining({ ...host, env: { L2_DYNAMICS_WITHOUT: 'training' } }) ?? '', /L2_DYNAMICS_WITHOUT/);
});
