/** JavaScript state that a step changes, or that changes around it: compiled steps run no JavaScript, so that each is an error. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInThisContext } from 'node:vm';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { compile, scalarInput, tf, type Program } from '../../lib/compute/index.ts';
import { variable, type Tensor } from './support.ts';

type Run = (x: Tensor) => Tensor[];
const one = tf.scalar(1);
const compiled = (run: Run, watched: object[] = []) =>
  compile({ variables: [], functions: { f: { inputs: [scalarInput], watched, run } } });
const call = (program: Program<'f'>) => tf.dispose(program.call('f', one));

/** Each counts how often it is asked, in another place of JavaScript. */
const COUNTERS: Record<string, () => () => number> = {
  'a variable': () => {
    let n = 0;
    return () => n++;
  },
  'a variable of a function that it calls': () => {
    let n = 0;
    const next = () => n++;
    const through = () => next();
    return () => through();
  },
  'a property deep inside': () => {
    const state = { a: [{ n: 0 }] };
    return () => (state.a[0] as { n: number }).n++;
  },
  'the length of an array': () => {
    const log: number[] = [];
    return () => log.push(1);
  },
  'an entry of a Map': () => {
    const map = new Map([['n', 0]]);
    return () => map.set('n', (map.get('n') as number) + 1).get('n') as number;
  },
  'an entry of a WeakMap': () => {
    const key = {};
    const map = new WeakMap([[key, 0]]);
    return () => map.set(key, (map.get(key) as number) + 1).get(key) as number;
  },
  'a typed array': () => {
    const counts = new Int32Array(5000);
    return () => (counts[4321] = (counts[4321] as number) + 1);
  },
  'a private field': () => {
    class Schedule {
      #n = 0;
      next = () => this.#n++;
    }
    const schedule = new Schedule();
    return () => schedule.next();
  },
  'a static field, by a constructor': () => {
    class Made {
      static count = 0;
      readonly at = Made.count++;
    }
    return () => new Made().at;
  },
  'a field behind this of an arrow function': () => {
    class Trainer {
      n = 0;
      step = () => this.n++;
    }
    return new Trainer().step;
  },
  'a generator': () => {
    const numbers = (function* () {
      for (let n = 0; ; n++) yield n;
    })();
    return () => numbers.next().value;
  },
  'an iterator of an array': () => {
    const numbers = [1, 1, 1, 1, 2][Symbol.iterator]();
    return () => numbers.next().value ?? 0;
  },
  'a property of a function': () => {
    const f = Object.assign(() => 1, { n: 0 });
    return () => f.n++;
  },
  'a closure that replaces itself': () => {
    let rate = () => 1;
    return () => {
      const before = rate;
      rate = () => before() * 0.5;
      return rate();
    };
  },
  'a bound function': () => {
    function next(this: { n: number }) {
      return this.n++;
    }
    return next.bind({ n: 0 });
  },
  'a getter': () => {
    let n = 0;
    const state = {
      get n() {
        return n++;
      },
    };
    return () => state.n;
  },
  'a proxy': () => {
    let n = 0;
    const state = new Proxy({ n: 0 }, { get: () => n++ });
    return () => state.n;
  },
  'a Date': () => {
    const date = new Date(0);
    return () => date.setTime(date.getTime() + 1);
  },
  'a generator of random numbers of its own': () => {
    let seed = 1;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    return () => Number(random() < 0);
  },
  'a global variable': () => {
    return runInThisContext('var countOfTest = 0; () => countOfTest++') as () => number;
  },
};

for (const [where, make] of Object.entries(COUNTERS)) {
  test(`a counter inside the step is an error, though no trace shows it: ${where}`, () => {
    const count = make();
    assert.throws(
      () => compiled((x) => [tf.mul(x, count() < 100 ? 1 : 2)]).dispose(),
      /f changes JavaScript state: .* (was .*, then|is another object)|gave different values/,
    );
  });
}

test('a mutation that the step makes once and never again is none: what is made at the first run stays', () => {
  let made: { rate: number } | undefined;
  const program = compiled((x) => [tf.mul(x, (made ??= { rate: 3 }).rate)]);
  for (let i = 0; i < 20; i++) call(program);
  program.dispose();
});

test('a constant that gets its value after compiling is no error until it is used', () => {
  const program = compiled((x) => [x.rank > 0 ? tf.mul(x, later) : tf.neg(x)]);
  const later = 2;
  call(program);
  program.dispose();
});

/** Each gives a number to read in the step, and a way to change it. */
const SETTINGS: Record<string, () => { read: () => number; change: () => void }> = {
  'a variable': () => {
    let rate = 1;
    return { read: () => rate, change: () => void (rate = 2) };
  },
  'a property': () => {
    const config = { optimizer: { rate: 1 } };
    return { read: () => config.optimizer.rate, change: () => void (config.optimizer.rate = 2) };
  },
  'an object that is replaced': () => {
    let config = { rate: 1 };
    return { read: () => config.rate, change: () => void (config = { rate: 2 }) };
  },
  'an element': () => {
    const rates = [1];
    return { read: () => rates[0] as number, change: () => void (rates[0] = 2) };
  },
  'an element of a typed array': () => {
    const rates = new Float64Array([1]);
    return { read: () => rates[0] as number, change: () => void (rates[0] = 2) };
  },
  'a variable of one of three functions alike': () => {
    const cells = [1, 1, 1].map((n) => ({ get: () => n, set: (to: number) => void (n = to) }));
    return { read: () => cells.reduce((sum, { get }) => sum + get(), 0), change: () => cells[1]?.set(7) };
  },
  'a private field': () => {
    class Config {
      #rate = 1;
      get = () => this.#rate;
      set = (to: number) => void (this.#rate = to);
    }
    const config = new Config();
    return { read: () => config.get(), change: () => config.set(2) };
  },
  'what a function of tfjs closes over': () => {
    let factor = 1;
    const gradient = tf.grad((x) => tf.mul(x, factor));
    return {
      read: () => (tf.dispose(gradient(one)), factor),
      change: () => void (factor = 2),
    };
  },
};

for (const [what, make] of Object.entries(SETTINGS)) {
  test(`${what} changed outside is an error at the next call, after any number of calls`, () => {
    for (const calls of [1, 20, 600]) {
      const { read, change } = make();
      const program = compiled((x) => [tf.mul(x, read())]);
      for (let i = 0; i < calls; i++) call(program);
      change();
      assert.throws(() => call(program), /gave different values.*Changed in JavaScript: /);
      program.dispose();
    }
  });
}

test('the error says what was changed', () => {
  const config = { schedule: { rate: 0.1 } };
  const program = compiled((x) => [tf.mul(x, config.schedule.rate)]);
  config.schedule.rate = 0.01;
  assert.throws(() => call(program), /Changed in JavaScript: config\.schedule\.rate was 0\.1, then 0\.01/);
  program.dispose();
});

test('what `repeat` and data that are disposed look like makes no difference', () => {
  const data = tf.tensor1d([1, 2]);
  const v = variable(tf.scalar(0));
  let rate = 1;
  const run = () => (v.assign(tf.add(v, tf.mul(rate, data.sum()))), []);
  const program = compile({ variables: [v], data: [data], functions: { step: { run } } });
  data.dispose();
  program.repeat('step', 1000);
  rate = 2;
  assert.throws(() => program.repeat('step', 1000), /gave different values.*rate was 1, then 2/);
  program.dispose();
});

test('state that changes without a consequence is no error, and the change that has one is found', () => {
  let i = 0;
  const program = compiled((x) => [tf.mul(x, i < 300 ? 1 : 2)]);
  const { warn } = console;
  const warnings: unknown[] = [];
  console.warn = (text) => warnings.push(text);
  try {
    assert.throws(() => {
      for (; i < 1000; i++) call(program);
    }, /gave different values/);
  } finally {
    console.warn = warn;
  }
  assert.ok(i >= 300 && i <= 308, `found at call ${i}`);
  assert.match(String(warnings), /reads JavaScript that changes from call to call.*: i was /);
  program.dispose();
});

test('counting beside the step, on the object that holds it, is no error', () => {
  class Trainer {
    done = 0;
    rate = 1;
    readonly program = compiled((x) => [tf.mul(x, this.rate)]);
    train() {
      for (let i = 0; i < 200; i++, this.done++) call(this.program);
    }
  }
  const trainer = new Trainer();
  trainer.train();
  trainer.rate = 2;
  assert.throws(() => trainer.train(), /gave different values.*rate was 1, then 2/);
  trainer.program.dispose();
});

test('what the watch cannot see is found by tracing again, within 8 calls', () => {
  process.env['L2_TEST_RATE'] = '1';
  const program = compiled((x) => [tf.mul(x, Number(process.env['L2_TEST_RATE']))]);
  for (let i = 0; i < 20; i++) call(program);
  process.env['L2_TEST_RATE'] = '2';
  assert.throws(() => {
    for (let i = 0; i < 8; i++) call(program);
  }, /gave different values/);
  delete process.env['L2_TEST_RATE'];
  program.dispose();
});

test('objects under `watched` are watched', () => {
  const settings = { rate: 1 };
  const hidden = new Map([['settings', settings]]);
  const program = compiled((x) => [tf.mul(x, 1)], [hidden]);
  settings.rate = 2;
  call(program); // without a consequence
  program.dispose();
});

/** A step over one weight with an optimizer that may be another. */
const training = (optimizer: () => tfTypes.Optimizer) => {
  const w = variable(tf.tensor1d([1, 2]));
  const run = () => [optimizer().minimize(() => tf.sum(tf.square(w)) as tfTypes.Scalar, true, [w]) as Tensor];
  return compile({ variables: [w], functions: { step: { run } } });
};

test('an optimizer that is replaced is an error at the next call', () => {
  let optimizer: tfTypes.Optimizer = tf.train.adam(0.1);
  const program = training(() => optimizer);
  for (let i = 0; i < 30; i++) tf.dispose(program.call('step'));
  optimizer = tf.train.adam(0.1);
  assert.throws(() => program.call('step'), /now uses variables|two different graphs|gave different/);
  program.dispose();
});

test("an optimizer's slots replaced by setWeights are an error at the next call", async () => {
  const optimizer = tf.train.adam(0.1);
  const program = training(() => optimizer);
  for (let i = 0; i < 30; i++) tf.dispose(program.call('step'));
  program.sync();
  const saved = await optimizer.getWeights();
  await optimizer.setWeights(saved);
  assert.throws(() => program.call('step'), /now uses variables|two different graphs|gave different/);
  program.dispose();
});

test('a layer whose trainable, rate or activation is changed is an error at the next call', () => {
  const changes: ((layer: { trainable: boolean; rate?: number }, model: tfTypes.Sequential) => void)[] = [
    (layer) => (layer.trainable = false),
    (layer) => (layer.rate = 0.9),
    (_, model) => model.add(tf.layers.dense({ units: 1 })),
  ];
  for (const [at, change] of changes.entries()) {
    const layers = [tf.layers.dense({ units: 2, inputShape: [2] }), tf.layers.dropout({ rate: 0.5 })];
    const model = tf.sequential({ layers });
    const optimizer = tf.train.sgd(0.1);
    const x = tf.ones([3, 2]);
    const run = () => [
      optimizer.minimize(
        () => tf.mean(model.apply(x, { training: true }) as Tensor) as tfTypes.Scalar,
        true,
        model.trainableWeights.map((weight) => (weight as unknown as { val: tfTypes.Variable }).val),
      ) as Tensor,
    ];
    const program = compile({ variables: [], data: [x], functions: { step: { run } } });
    for (let i = 0; i < 10; i++) tf.dispose(program.call('step'));
    change(layers[at === 1 ? 1 : 0] as tfTypes.layers.Layer & { rate?: number }, model);
    assert.throws(() => program.call('step'), /Changed in JavaScript|now uses/, `change ${at}`);
    program.dispose();
  }
});
