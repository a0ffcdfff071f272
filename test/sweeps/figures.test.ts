import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIGURES, figuresOf, partsOf } from '../../lib/sweeps/figures.ts';
import { sweeps } from '../../lib/sweeps/registry.ts';

test('every sweep of the map is known, and every known sweep feeds a figure', () => {
  const mapped = Object.keys(FIGURES).flatMap((figure) =>
    Object.values(partsOf(figure)).flatMap((part) => part.sweeps),
  );
  assert.deepEqual([...new Set(mapped)].sort(), sweeps.map(({ name }) => name).sort());
});

test('a sweep names its panels in the order of the paper, workbooks beyond it last', () => {
  const ofPaper = (sweep: string) => figuresOf(sweep).filter((figure) => figure !== 'beyond');
  assert.deepEqual(ofPaper('wrn-momentum-lambda'), ['1b', '4', 'S2', 'S3', 'S4']);
  assert.deepEqual(ofPaper('cnn-bn-lambda'), ['3d', '3e', '3f', 'S6', 'S11']);
  assert.equal(figuresOf('fc-adamw').at(-1), 'beyond');
});

test('a figure that rests on no sweep is refused with those that do', () => {
  assert.throws(() => partsOf('6'), /no figure 6 rests on a sweep; those that do: 1, 2, 3/);
  assert.throws(() => partsOf('toString'), /no figure toString/);
});
