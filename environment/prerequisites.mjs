// What a machine must have before set-up starts. Each absence is one text that names the thing and how to get it.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

export const MINIMUM_NODE = [20, 19];
export const MINIMUM_PYTHON = [3, 10];

const atLeast = (version, minimum) =>
  version[0] > minimum[0] || (version[0] === minimum[0] && version[1] >= minimum[1]);

/**
 * What of `process` decides.
 * @typedef {object} Host
 * @property {string} platform
 * @property {string} arch
 * @property {Record<string, string | undefined>} env
 * @property {{ node: string }} versions
 * @property {{ getReport: () => { header?: { glibcVersionRuntime?: string } } }} [report]
 */

/**
 * Why TensorFlow cannot be set up on this machine, or undefined where it can.
 * @param {Host} host
 */
export function whyNoTraining(host = process) {
  if (host.env.L2_DYNAMICS_WITHOUT === 'training') return 'L2_DYNAMICS_WITHOUT=training is set';
  const here = `${host.platform} ${host.arch}`;
  if (host.platform !== 'linux' || host.arch !== 'x64') {
    return `training needs Linux x64 and this is ${here} (Windows: use WSL); workbooks, figures and the lab work from the logs in data/`;
  }
  if (host.report?.getReport().header?.glibcVersionRuntime === undefined) {
    return 'training needs a Linux with glibc (Debian, Ubuntu, Fedora ...) and this one has another C library';
  }
  return undefined;
}

export function nodeProblem(version = process.versions.node) {
  const numbers = version.split('.').map(Number);
  if (atLeast(numbers, MINIMUM_NODE)) return undefined;
  return `Node.js ${MINIMUM_NODE.join('.')} or newer is needed and this is ${version}. Get it from https://nodejs.org, with "nvm install 24", or from your system's packages.`;
}

/**
 * Where Node 24 does not come from npm (see node24 in setup.mjs), the machine's own must be new enough.
 * @param {Host} host
 */
export function node24Problem(host = process) {
  if (Number(host.versions.node.split('.')[0]) >= 24) return undefined;
  if (host.platform === 'linux' && host.arch === 'x64') return undefined;
  return `Node.js 24 or newer is needed on ${host.platform} ${host.arch} and this is ${host.versions.node}. Get it from https://nodejs.org or with "nvm install 24".`;
}

/** The command that runs npm: the one that started us, else the one on the PATH. Undefined when there is none. */
export function findNpm(env = process.env) {
  if (env.npm_execpath?.endsWith('.js') && existsSync(env.npm_execpath)) return [process.execPath, env.npm_execpath];
  const { status } = spawnSync('npm', ['--version'], { env, stdio: 'ignore' });
  return status === 0 ? ['npm'] : undefined;
}

/** @returns {{ command?: string, version?: string, problem?: string }} the first Python that is new enough and can make a venv */
export function findPython(env = process.env) {
  const names = [
    env.L2_DYNAMICS_PYTHON,
    'python3',
    'python3.14',
    'python3.13',
    'python3.12',
    'python3.11',
    'python3.10',
  ];
  const wanted = MINIMUM_PYTHON.join('.');
  const problems = [];
  for (const command of names.filter(Boolean)) {
    const script = 'import sys; print("%d.%d.%d" % sys.version_info[:3]); print(sys.executable)';
    const found = spawnSync(command, ['-c', script], { env, encoding: 'utf8' });
    if (found.status !== 0) continue;
    const [version, executable] = found.stdout.trim().split('\n');
    if (!atLeast(version.split('.').map(Number), MINIMUM_PYTHON)) {
      problems.push(
        `${command} is Python ${version}: ${wanted} or newer is needed. Get it from your system's packages or https://www.python.org.`,
      );
      continue;
    }
    const venv = spawnSync(command, ['-c', 'import venv, ensurepip'], { env, encoding: 'utf8' });
    if (venv.status !== 0) {
      const short = version.split('.').slice(0, 2).join('.');
      problems.push(
        `${command} (Python ${version}) lacks the modules venv and ensurepip. On Debian and Ubuntu: "apt-get install python3-venv" (or python${short}-venv).`,
      );
      continue;
    }
    return { command: executable, version };
  }
  const none = `python3 (${wanted} or newer) was not found on the PATH. On Debian and Ubuntu: "apt-get install python3 python3-venv"; else https://www.python.org. L2_DYNAMICS_PYTHON can name another one.`;
  return { problem: problems[0] ?? none };
}

/** @returns {{ command?: string, version?: string, problem?: string }} a C++ compiler */
export function findCompiler(env = process.env) {
  for (const command of [env.CXX, 'g++', 'c++', 'clang++'].filter(Boolean)) {
    const found = spawnSync(command, ['--version'], { env, encoding: 'utf8' });
    if (found.status === 0) return { command, version: found.stdout.split('\n')[0] };
  }
  return {
    problem:
      'a C++ compiler (g++, c++ or clang++) was not found on the PATH. On Debian and Ubuntu: "apt-get install g++"; on Fedora: "dnf install gcc-c++". CXX can name another one. To do without training: L2_DYNAMICS_WITHOUT=training.',
  };
}

/** A GPU of NVIDIA's with its driver, or what L2_DYNAMICS_DEVICE says. */
export function deviceOf(env = process.env) {
  const asked = env.L2_DYNAMICS_DEVICE;
  if (asked === 'gpu' || asked === 'cpu') return { device: asked };
  if (asked) return { problem: `L2_DYNAMICS_DEVICE must be "cpu" or "gpu", not "${asked}".` };
  const driver = '/proc/driver/nvidia/gpus';
  return { device: existsSync(driver) && readdirSync(driver).length > 0 ? 'gpu' : 'cpu' };
}

/**
 * Why `folder` (or what will hold it) has too little room for `bytes`, or undefined.
 * @param {string} folder
 * @param {number} bytes
 * @param {string} what
 * @param {(folder: string) => { bavail: number, bsize: number }} statfs
 */
export function diskProblem(folder, bytes, what, statfs = statfsSync) {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = statfs(existing);
  const gigabytes = (n) => `${(n / 1e9).toFixed(1)} GB`;
  if (bavail * bsize >= bytes) return undefined;
  return `${what} needs ${gigabytes(bytes)} on the disk of ${folder} and only ${gigabytes(bavail * bsize)} are free. Make room there${what === 'TensorFlow' ? ', or name another folder with L2_DYNAMICS_CACHE' : ''}.`;
}
