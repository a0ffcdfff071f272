import assert from 'node:assert/strict';
import test from 'node:test';
import { AutoL2, type AutoL2Options } from '../../lib/training/index.ts';

/** Loss, error, and the lambda in force afterwards; measured at the steps that are due, one a row. */
type Row = [loss: number, error: number, lambda: number];

function play(options: AutoL2Options, table: readonly Row[]): void {
  const autoL2 = new AutoL2(options);
  let row = 0;
  for (let step = 0; row < table.length; step++) {
    if (!autoL2.isDue(step)) continue;
    const [loss, error, lambda] = table[row] as Row;
    const before = autoL2.lambda;
    const decayed = autoL2.measure(step, { loss, error });
    assert.ok(Math.abs(autoL2.lambda / lambda - 1) < 1e-12, `row ${row} (step ${step}): lambda is ${autoL2.lambda}`);
    assert.equal(decayed, autoL2.lambda !== before);
    row++;
  }
}

const ROWS_OF_BOTH: Record<string, Row[]> = {
  'loss above its minimum twice in a row decays lambda; once does not': [
    [1.0, 0.9, 0.1],
    [0.9, 0.8, 0.1],
    [0.95, 0.7, 0.1], // above 0.9, which is not yet a minimum
    [0.92, 0.6, 0.01], // 0.95 and 0.92 above 0.9
  ],
  'one bad measurement between good ones does nothing': [
    [1.0, 0.9, 0.1],
    [0.8, 0.8, 0.1],
    [0.9, 0.7, 0.1],
    [0.7, 0.6, 0.1],
    [0.9, 0.5, 0.1],
    [0.6, 0.4, 0.1],
  ],
  'the error alone is enough': [
    [1.0, 0.5, 0.1],
    [0.9, 0.4, 0.1],
    [0.8, 0.45, 0.1],
    [0.7, 0.41, 0.01],
  ],
  'the earliest decay is at the third measurement': [
    [1.0, 0.5, 0.1],
    [1.1, 0.5, 0.1],
    [1.2, 0.5, 0.01],
  ],
  'after a decay lambda rests for 0.1 / lambda steps: 10 at 0.01, 100 at 0.001': [
    [1.0, 0.5, 0.1],
    [1.1, 0.5, 0.1],
    [1.2, 0.5, 0.01], // step 20: rests up to step 30
    [1.3, 0.5, 0.01], // step 30
    [1.4, 0.5, 0.001], // step 40: rests up to step 140
    ...Array.from({ length: 10 }, (): Row => [1.5, 0.6, 0.001]), // steps 50 to 140
    [1.5, 0.6, 0.0001], // step 150
  ],
  'the measurement before a decay never enters the minima, those while lambda rests do': [
    [1.0, 0.5, 0.1],
    [1.1, 0.2, 0.1], // its error 0.2 is left out, as the next one decays
    [1.2, 0.5, 0.01],
    [0.2, 0.45, 0.01], // rests
    [0.5, 0.3, 0.01], // not bad: 0.45 and 0.3 are below the minimum 0.5; the minima become 0.2 and 0.45
    [0.3, 0.2, 0.001], // 0.5 and 0.3 above 0.2
  ],
};

for (const reading of ['paper', 'code'] as const) {
  for (const [fact, table] of Object.entries(ROWS_OF_BOTH)) {
    test(`${reading}: ${fact}`, () => play({ reading }, table));
  }
}

const TIES: Row[] = [
  [1.0, 0.5, 0.1],
  [1.0, 0.4, 0.1],
  [1.0, 0.3, 0.1],
];

test('a loss that stays equal to its minimum decays in the code, not in Algorithm 1', () => {
  play({ reading: 'paper' }, TIES);
  play({ reading: 'code' }, [...TIES.slice(0, 2), [1.0, 0.3, 0.01]]);
});

test('the code rests 0.1 / lambda steps from the start too, Algorithm 1 does not', () => {
  const rising = Array.from({ length: 4 }, (_, i): Row => [1 + i, 0.5 + i / 10, 0.005]);
  play({ reading: 'code', lambda: 0.005 }, [...rising.slice(0, 3), [9, 0.9, 0.0005]]); // steps 0, 10, 20 | 30
  play({ reading: 'paper', lambda: 0.005 }, [...rising.slice(0, 2), [9, 0.9, 0.0005]]); // 20 is beyond 0
});

test('the code measures before the updates of steps 0, k, 2k; Algorithm 1 after those of its steps 0, k, 2k', () => {
  const due = (options: AutoL2Options) =>
    Array.from({ length: 24 }, (_, step) => step).filter((step) => new AutoL2(options).isDue(step));
  assert.deepEqual(due({ reading: 'code' }), [0, 10, 20]);
  assert.deepEqual(due({ reading: 'paper' }), [1, 11, 21]);
  assert.deepEqual(due({ reading: 'paper', every: 5 }), [1, 6, 11, 16, 21]);
});

test('in 9,600 steps of ever rising loss lambda reaches 1e-5, not 1e-6', () => {
  for (const reading of ['paper', 'code'] as const) {
    const autoL2 = new AutoL2({ reading });
    for (let step = 0; step < 9600; step++) {
      if (autoL2.isDue(step)) autoL2.measure(step, { loss: 1 + step, error: 0.5 });
    }
    assert.ok(Math.abs(autoL2.lambda / 1e-5 - 1) < 1e-9, `${reading}: ${autoL2.lambda}`);
  }
});

test('saved and restored between any two measurements, also measured again at one step, it decides the same', () => {
  for (const reading of ['paper', 'code'] as const) {
    const whole = new AutoL2({ reading });
    let cut = new AutoL2({ reading });
    for (let step = 0; step < 3000; step++) {
      if (!whole.isDue(step)) continue;
      const measured = { loss: Math.abs(Math.sin(step)), error: 0.5 };
      const decayed = whole.measure(step, measured);
      assert.equal(cut.measure(step, measured), decayed);
      const state: unknown = JSON.parse(JSON.stringify(cut.save()));
      cut = new AutoL2({ reading });
      cut.restore(state as ReturnType<AutoL2['save']>);
      assert.equal(cut.measure(step, measured), decayed, 'a repeated measurement counts once');
      assert.equal(cut.lambda, whole.lambda);
    }
    assert.ok(whole.lambda < 0.001, 'the sequence decays more than once');
  }
});

test('settings that make no schedule, and steps out of order, are errors', () => {
  assert.throws(() => new AutoL2({ reading: 'book' as never }), /reading must be 'paper' or 'code', got book/);
  assert.throws(() => new AutoL2({ lambda: 0 }), /lambda must be positive, got 0/);
  assert.throws(() => new AutoL2({ every: 2.5 }), /every must be a whole number from 1, got 2.5/);
  assert.throws(() => new AutoL2({ factor: 1 }), /factor must be above 1, got 1/);
  assert.throws(() => new AutoL2({ refractory: -1 }), /refractory must be at least 0, got -1/);
  const autoL2 = new AutoL2();
  autoL2.measure(10, { loss: 1, error: 1 });
  assert.throws(() => autoL2.measure(0, { loss: 1, error: 1 }), /measured step 10 already: step 0 comes too late/);
});
