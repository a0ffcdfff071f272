#!/usr/bin/env node
// npx tfjs-compile setup: TensorFlow's C library out of PyPI's wheel, and the addon of the tfjs-node that is installed here, built against it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PACKAGE } from './compute/name.mjs';
import * as prerequisites from './environment/prerequisites.mjs';
import { lock, runSteps, SetupError } from './environment/steps.mjs';
import { addonStep, cacheFolder, DISK_BYTES, libraryFolder, libtensorflowStep } from './environment/tensorflow.mjs';

const USAGE = `usage: npx ${PACKAGE} setup [--device cpu|gpu] [--tensorflow <version>]

Run it in the folder whose node_modules has @tensorflow/tfjs-node or @tensorflow/tfjs-node-gpu (npm install --ignore-scripts).
--device      cpu or gpu; without it gpu where an NVIDIA driver is found
--tensorflow  another version than the tested one, as PyPI has it
The library is kept in ${cacheFolder()} and shared by all projects of this user.`;

const ROOT = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const say = (line) => process.stderr.write(`${line}\n`);

/** The tfjs-node packages that this folder's programs would load, else those beside this package. */
function bindings() {
  const here = createRequire(join(process.cwd(), 'package.json'));
  return ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'].flatMap((name) => {
    for (const resolve of [here.resolve, require.resolve]) {
      try {
        return [dirname(resolve(`${name}/package.json`))];
      } catch {
        // Not there.
      }
    }
    return [];
  });
}

async function setup(args) {
  const { values } = parseArgs({ args, options: { device: { type: 'string' }, tensorflow: { type: 'string' } } });
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(`set-up needs Linux x64 and this is ${process.platform} ${process.arch} (Windows: use WSL)`);
  }
  const env = values.device === undefined ? process.env : { TFJS_COMPILE_DEVICE: values.device };
  const { device, problem } = prerequisites.deviceOf(env);
  if (problem)
    throw new SetupError(values.device === undefined ? problem : `--device must be cpu or gpu, not "${values.device}"`);
  if (values.tensorflow !== undefined && !/^\d+\.\d+\.\d+(rc\d+)?$/.test(values.tensorflow)) {
    throw new SetupError(`--tensorflow must be a version such as 2.21.0, not "${values.tensorflow}"`);
  }
  const folders = bindings();
  if (folders.length === 0) {
    throw new SetupError(
      'no TensorFlow.js for Node was found here: npm install @tensorflow/tfjs-node --ignore-scripts',
    );
  }
  const library = libraryFolder(ROOT, device, cacheFolder(), values.tensorflow);
  const headers = require('node-api-headers').include_dir;
  const steps = [
    libtensorflowStep(ROOT, device, undefined, values.tensorflow),
    ...folders.map((folder) => ({
      ...addonStep(ROOT, device, undefined, () => process.execPath, {
        folder,
        library: join(library, 'tensorflow'),
        headers,
      }),
      name: `addon of ${JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name}`,
    })),
  ];
  const missing = steps.filter((step) => !step.isDone());
  const found = [
    missing.length > 0 ? prerequisites.findCompiler().problem : undefined,
    missing.includes(steps[0]) ? prerequisites.findPython().problem : undefined,
    missing.includes(steps[0]) ? prerequisites.diskProblem(cacheFolder(), DISK_BYTES[device], 'TensorFlow') : undefined,
  ].filter((text) => text !== undefined);
  if (found.length > 0) {
    throw new SetupError(['This machine lacks what set-up needs:', ...found.map((text) => `- ${text}`)].join('\n'));
  }
  const unlock = await lock(join(cacheFolder(), 'setup'), say);
  try {
    await runSteps(steps, join(cacheFolder(), 'setup'), say);
  } finally {
    unlock();
  }
}

const [command, ...args] = process.argv.slice(2);
try {
  if (command === 'setup' && !args.includes('--help')) await setup(args);
  else {
    say(USAGE);
    process.exitCode = command === '--help' || args.includes('--help') ? 0 : 2;
  }
} catch (error) {
  const isOurs = error instanceof SetupError || error.code?.startsWith('ERR_PARSE_ARGS');
  if (!isOurs) throw error;
  say(`\n${error.message}${error instanceof SetupError ? '' : `\n\n${USAGE}`}`);
  process.exitCode = 1;
}
