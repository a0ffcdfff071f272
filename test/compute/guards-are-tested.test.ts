/** Each guard is taken out of lib/compute in turn: the test that names it must then fail. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { threadEnvironment } from '../../lib/compute/threads.ts';

interface Mutant {
  /** What is taken out. */
  guard: string;
  edits: { file: string; from: string; to: string }[];
  /** File in this folder, and start of the name of the test that must fail. */
  file: string;
  name: string;
}

const mutant = (guard: string, at: [file: string, name: string], ...edits: [string, string, string][]): Mutant => ({
  guard,
  file: at[0],
  name: at[1],
  edits: edits.map(([file, from, to]) => ({ file, from, to })),
});
const guards = (name: string): [string, string] => ['guards.test.ts', name];
const silent = (name: string): [string, string] => ['silent.test.ts', name];
const javascript = (name: string): [string, string] => ['javascript-state.test.ts', name];
const state = (name: string): [string, string] => ['state.test.ts', name];
const READS = 'host reads are refused';
const STALE = 'a variable read, computed with or cloned outside';
const CONSTANTS = 'captured constants above a limit';

const MUTANTS: Mutant[] = [
  mutant('clocks and random numbers', silent('clocks and random numbers of JavaScript'), [
    'trace.ts',
    'refuseClocks(patches, refuse);',
    '',
  ]),
  mutant('shapes that depend on values', silent('shapes that depend on values'), [
    'trace.ts',
    'if (open) refuse(open);',
    '',
  ]),
  mutant(
    'training not said',
    ['draws.test.ts', 'a layer that behaves differently in training'],
    ['trace.ts', 'guardTraining(patches, {', 'void ({'],
  ),
  mutant('iterations of an optimizer', silent('an optimizer whose rate follows its iterations'), [
    'trace.ts',
    "patches.replaceGetter(optimizerClass, 'iterations',",
    "patches.replaceGetter({}, 'iterations',",
  ]),
  mutant('values that leave after a change', silent('what the last calls were made with'), [
    'checks.ts',
    'return this.#unchecked;',
    'return false;',
  ]),
  mutant('two signatures of two minds', silent('a second signature after a number has changed'), [
    'compile.ts',
    'variants.forEach((variant) => this.#tracer.verify(variant))',
    'undefined',
  ]),
  mutant('variables among the data', silent('a tf.Variable among the data'), [
    'compile.ts',
    '.filter((tensor) => !(tensor instanceof tf.Variable))',
    '',
  ]),
  mutant('numbers that differ between two traces', guards('a number computed in JavaScript'), [
    'compare.ts',
    'if (!sameAttributes(a.attributes, b.attributes)) {',
    'if (false as boolean) {',
  ]),
  mutant('state that a step changes', javascript('a counter inside the step is an error'), [
    'variant.ts',
    'if (mutation !== undefined) throw new CompileError(mutates(name, mutation));',
    '',
  ]),
  mutant('state that changes around a step', javascript('a variable changed outside is an error at the next call'), [
    'checks.ts',
    'this.#look();',
    '',
  ]),
  mutant('traces without data that was disposed', javascript('what `repeat` and data that are disposed'), [
    'variant.ts',
    'return revived(this.#data, () =>',
    'return ((_: unknown, use: () => Trace | undefined) => use())(this.#data, () =>',
  ]),
  mutant('what cannot be watched', javascript('what the watch cannot see'), [
    'checks.ts',
    'if (first || (isDue && this.canAfford)) this.check();',
    '',
  ]),
  mutant('control flow that differs', guards('control flow that differs'), [
    'compare.ts',
    'if (!a || !b || a.op !== b.op || !sameInputs(a.inputs, b.inputs)) {',
    'if (!a || !b) return;\n  if (false as boolean) {',
  ]),
  mutant('other variables assigned', guards('a function that assigns another variable'), [
    'compare.ts',
    'if (!sameWrites(first.writes, second.writes) ||',
    'if (false && !sameWrites(first.writes, second.writes) ||',
  ]),
  mutant('host reads', guards(READS), ['trace.ts', ': refuseRead(),', ': readSync.call(backend, dataId),']),
  mutant('asynchronous host reads', guards(READS), [
    'trace.ts',
    '    try {\n      refuseRead();\n    } catch {',
    '    try {\n    } catch {',
  ]),
  mutant('violations that the step catches', guards(READS), ['trace.ts', 'violation ??= error;', '']),
  mutant('limit of one constant', guards(CONSTANTS), [
    'trace.ts',
    'Math.min(MAX_CONSTANT_BYTES, MAX_CONSTANTS_BYTES - constantBytes)',
    'MAX_CONSTANTS_BYTES - constantBytes',
  ]),
  mutant('limit of all constants', guards(CONSTANTS), [
    'trace.ts',
    'Math.min(MAX_CONSTANT_BYTES, MAX_CONSTANTS_BYTES - constantBytes)',
    'MAX_CONSTANT_BYTES',
  ]),
  mutant('programs inside traced functions', guards('a compiled program inside'), [
    'compile.ts',
    'if (isTracing()) throw',
    'if (false as boolean) throw',
  ]),
  mutant('tracing gives variables their values back', guards('compiling leaves the variables as they were'), [
    'variant.ts',
    'if (!variable.isDisposed) variable.assign(originals[i] as Tensor);',
    '',
  ]),
  mutant('variables that share a tensor are told apart', guards('variables that share one tensor'), [
    'variant.ts',
    'const originals = variables.map(deepCopy);',
    'const originals = variables.map((v) => v.clone());',
  ]),
  mutant(
    'optimizer slots are found',
    ['tfjs.test.ts', 'tf.train momentum keeps its slots'],
    ['trace.ts', 'if (variable && variable.dataId === dataId', 'if (false && variable && variable.dataId === dataId'],
    ['trace.ts', 'if (!declared.has(this)) reveal(this);', ''],
  ),
  mutant(
    'slots start from values that tracing keeps',
    ['tfjs.test.ts', 'tf.train momentum: the slots of large weights'],
    ['trace.ts', '!INITIAL_VALUE.test(op)', 'true'],
  ),
  mutant('ops that refuse zeros', guards('an op that refuses zeros'), [
    'variant.ts',
    'if (!(error instanceof OpError)) throw error;',
    'throw error;',
  ]),
  mutant('tensors kept from a traced function', guards('a tensor kept from inside a function'), [
    'stale.ts',
    'if (message !== undefined) throw',
    'if (false as boolean) throw',
  ]),
  mutant('variables made from a computed value', guards('a large variable that the function makes'), [
    'trace.ts',
    'if (!hasValues(variable.dataId)) {',
    'if (false as boolean) {',
  ]),
  mutant(
    'optimizer settings that change',
    ['tfjs.test.ts', 'a learning rate set after compiling'],
    ['compile.ts', 'this.#tracer.requireSameOptimizers(variant);', ''],
  ),
  mutant(
    'optimizers count compiled steps',
    ['tfjs.test.ts', 'tf.train sgd keeps its slots'],
    ['compile.ts', 'this.#tracer.countIterations(variant, count ?? 1);', ''],
  ),
  mutant('stale variables: reads', state(STALE), [
    'stale.ts',
    'requireValue(dataId);\n    return readSync',
    'return readSync',
  ]),
  mutant('stale variables: use in ops', state(STALE), [
    'stale.ts',
    'for (const tensor of tensors) if (tensor.dataId) requireValue(tensor.dataId);',
    '',
  ]),
  mutant('variables assigned outside', state('a variable assigned outside after compiled steps'), [
    'compile.ts',
    'const assigned = this.variables.flatMap((variable, i) =>\n      variable.isDisposed ||',
    'const assigned = this.variables.flatMap((variable, i) =>\n      true || variable.isDisposed ||',
  ]),
  mutant(
    'disposed inputs',
    state('inputs of wrong number, shape or dtype and disposed inputs'),
    ['compile.ts', 'if (input.isDisposed) throw new CompileError(`input ${i} of ${name} is disposed`);', ''],
    ['compile.ts', '!input.isDisposed &&', ''],
  ),
  mutant('disposed variables and data', state('disposed variables and data are refused'), [
    'variant.ts',
    'if (tensor.isDisposed) throw',
    'if (false as boolean) throw',
  ]),
  mutant('a second signature takes the state over', state('a second signature in the middle'), [
    'compile.ts',
    'be two\n    this.#sync();',
    'be two',
  ]),
  mutant('an op that fails leaves the state whole', state('an op that fails inside a step'), [
    'build.ts',
    '[key, value, `^${commit}`]',
    '[key, value]',
  ]),
  mutant('variables are stale after an error too', state('an op that fails inside a step'), [
    'compile.ts',
    'this.#markStale(writes); // also',
    '// also',
  ]),
  mutant('fed arrays are copied', state('a JavaScript array changed after'), [
    'build.ts',
    '[key, `${key}/copy`]',
    '[key, input]',
  ]),
  mutant('write checks what it takes', state('write refuses'), [
    'compile.ts',
    'if (!type || !(array instanceof type) || array.length !== variable.size) {',
    'if (false as boolean) {',
  ]),
  mutant(
    'arithmetic on uint8',
    ['ops.test.ts', 'arithmetic on uint8'],
    ['uint8.ts', 'if (typed === undefined) {', 'if (false as boolean) {'],
  ),
  mutant(
    'second derivatives',
    ['ops.test.ts', 'a second derivative through our ops'],
    ['ops/raw.ts', 'if (engine.state.gradientDepth > 0) {', 'if (false as boolean) {'],
  ),
  mutant(
    'raw ops without a gradient',
    ['ops.test.ts', 'differentiating through a raw op'],
    ['ops/raw.ts', 'const fail = () => {\n', 'const fail = () => {\n    if (true as boolean) return tf.zeros([2]);\n'],
  ),
];

/** Runs one test of this folder with the edits; its TAP output. */
async function run({ edits, file, name }: Omit<Mutant, 'guard'>): Promise<string> {
  const pattern = `^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`;
  const args = ['--import', join(import.meta.dirname, 'mutant.ts'), '--test-reporter=tap'];
  const child = spawn(process.execPath, [...args, `--test-name-pattern=${pattern}`, join(import.meta.dirname, file)], {
    env: { ...process.env, ...threadEnvironment(1), NODE_TEST_CONTEXT: '', MUTANT: JSON.stringify(edits) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  await new Promise((resolve) => child.on('close', resolve));
  return output;
}

test('the tests named here pass with every guard in place', async () => {
  const names = new Map(MUTANTS.map(({ file, name }) => [`${file} ${name}`, { file, name, edits: [] }]));
  for (const one of names.values()) {
    const output = await run(one);
    assert.ok(output.includes(`\nok `) && output.includes(`- ${one.name}`), `${one.file}, ${one.name}:\n${output}`);
    assert.match(output, /^# fail 0$/m);
  }
});

for (const one of MUTANTS) {
  test(`without its guard a test fails: ${one.guard}`, async () => {
    const output = await run(one);
    const failed = output.split('\n').some((line) => line.startsWith('not ok ') && line.includes(`- ${one.name}`));
    assert.ok(failed, `${one.file}, "${one.name}" passes without it, or does not run:\n${output}`);
  });
}
