import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  convergenceClaim,
  convergenceLaws,
  correctionClaim,
  correctionLaws,
  crossover,
  decayClaim,
  decayRates,
  fixedPointClaim,
  followingClaim,
  functionEnds,
  kinkLaws,
  kinkMeans,
  vanishingClaim,
  widthLaw,
} from '../../lib/analysis/index.ts';
import { normals } from '../../lib/random/index.ts';
import { collapse, fixedPoints } from '../../lib/theory/index.ts';
import type { FixedPointRow, InitialKernelRow, KernelRow, KinkRow } from '../../lib/theory/index.ts';
import { plantedCurve } from '../theory/support.ts';

const WIDTHS = [64, 128, 256, 512, 1024, 2048, 4096];
const SEEDS = [0, 1, 2, 3];

/** Rows of one network whose corrections are size n^exponent, each within a few percent. */
function network(name: string, smooth: boolean, exponent: number, size = 10, rate = 2): KernelRow[] {
  const noise = normals(name.length, 0, 1000);
  return [10, 100, 600].flatMap((step, t) =>
    WIDTHS.flatMap((width, w) =>
      SEEDS.map((seed): KernelRow => {
        const lambdaT = step / 100;
        const factor = Math.exp(0.05 * noise[(t * WIDTHS.length + w) * SEEDS.length + seed]!);
        return {
          name,
          sweep: 'planted',
          k: 2,
          smooth,
          width,
          seed,
          step,
          lambdaT,
          left: Math.exp(-rate * lambdaT),
          predicted: Math.exp(-2 * lambdaT),
          correction: size * width ** exponent * factor,
          alignment: step === 600 ? 1e-4 : 0.3,
          predictedAlignment: step === 600 ? 1.5e-4 : 0.3,
        };
      }),
    ),
  );
}

const near = (actual: number, expected: number, tolerance: number): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);

describe('theorem 1 and theorem 2', () => {
  it('finds the planted rate and its error, and refuses a wrong one', () => {
    const [rate] = decayRates(network('linear', true, -1));
    assert.equal(rate!.width, 4096);
    assert.equal(rate!.seeds, 4);
    near(rate!.rate.value, 2, 1e-12);
    assert.equal(decayClaim(decayRates(network('linear', true, -1))).agreement, 'shown');
    const wrong = decayClaim(decayRates(network('linear', true, -1, 10, 2.1)));
    assert.equal(wrong.agreement, 'not shown');
    near(wrong.error, 0.05, 1e-12);
    assert.equal(decayClaim([]).agreement, 'not tested here');
  });

  it('judges the function by its largest end, beside what the theory gives', () => {
    const [end] = functionEnds(network('linear', true, -1));
    near(end!.peak, 0.3, 1e-12);
    near(end!.apart, 0.5e-4, 1e-12);
    assert.equal(vanishingClaim([end!]).agreement, 'shown');
    assert.equal(vanishingClaim([{ ...end!, largest: 0.01 }]).agreement, 'not shown');
    assert.equal(vanishingClaim([]).agreement, 'not tested here');
  });
});

describe('lemma 2', () => {
  const claim = (...rows: KernelRow[][]) => correctionClaim(correctionLaws(rows.flat()));

  it('is shown where both groups have -1, in part where ReLU has not, not at all where smooth networks have not', () => {
    assert.equal(claim(network('linear', true, -1), network('ReLU', false, -1)).agreement, 'shown');
    const part = claim(network('linear', true, -1), network('ReLU', false, -0.5, 1));
    assert.equal(part.agreement, 'shown in part');
    assert.deepEqual(
      [part.smooth, part.kinked],
      [
        { holding: 3, deciding: 3 },
        { holding: 0, deciding: 3 },
      ],
    );
    assert.equal(claim(network('linear', true, -0.5, 1), network('ReLU', false, -1)).agreement, 'not shown');
    assert.equal(claim(network('ReLU', false, -1)).agreement, 'not tested here');
  });

  it('leaves widths out whose corrections are not small: a bend at narrow widths does not move the exponent', () => {
    const rows = network('linear', true, -1, 100).map((row) => ({
      ...row,
      correction: row.correction > 0.1 ? 10 * row.correction ** 2 : row.correction,
    }));
    const laws = correctionLaws(rows);
    assert.ok(laws.every(({ widths }) => widths[0] === 1024 || widths[0] === 2048));
    for (const { exponent } of laws) near(exponent.value, -1, 0.1);
  });

  it('does not count an interval that could hold both -1 and -1/2', () => {
    const rows = network('linear', true, -0.75, 1).map((row) => ({
      ...row,
      correction: row.correction * (row.width / 4096) ** (row.seed % 2 === 0 ? 0.25 : -0.25),
    }));
    const laws = correctionLaws(rows);
    assert.ok(laws.length > 0 && laws.every(({ decides }) => !decides));
    assert.equal(correctionClaim(laws).agreement, 'not tested here');
  });

  it('needs three widths of two seeds, and values above 0', () => {
    const points = (widths: number[], seeds: number, value = 1) =>
      widths.flatMap((width) =>
        Array.from({ length: seeds }, (_, seed) => ({ width, seed, value: (value * (1 + seed)) / width })),
      );
    assert.deepEqual(widthLaw(points([64, 128, 256], 2))?.widths, [64, 128, 256]);
    assert.equal(widthLaw(points([64, 128], 2)), undefined);
    assert.equal(widthLaw(points([64, 128, 256], 1)), undefined);
    assert.equal(widthLaw(points([64, 128, 256], 2, 0)), undefined);
  });
});

describe('a law in the width', () => {
  it('has the interval of the mean over seeds: seeds that disagree widen it, however smooth each is', () => {
    const points = [-0.8, -1, -1.2].flatMap((exponent, seed) =>
      WIDTHS.map((width) => ({ width, seed, value: width ** exponent })),
    );
    const { exponent, factor } = widthLaw(points)!;
    near(exponent.value, -1, 1e-9);
    // Student's t for 2 degrees of freedom times 0.2 / sqrt 3.
    near(exponent.high - exponent.value, (4.3027 * 0.2) / Math.sqrt(3), 1e-3);
    near(factor, 1, 1e-9);
  });
});

describe('the kinks’ part', () => {
  const rows = (mean: number): KinkRow[] =>
    WIDTHS.flatMap((width) => {
      const noise = normals(width, 0, 8 * 4);
      return Array.from({ length: 8 }, (_, seed): KinkRow => {
        const kinks = Array.from({ length: 4 }, (__, i) => (mean + noise[seed * 4 + i]!) * width ** -0.5);
        return {
          name: '2 layers, ReLU',
          sweep: 'kernel-kinks',
          k: 2,
          smooth: false,
          width,
          seed,
          step: 100,
          lambdaT: 1,
          correction: 1 / width,
          smoothPart: (1 + 0.1 * noise[seed]! ** 2) / width,
          kinkPart: Math.hypot(...kinks),
          kinks,
          flipped: width === 64 && mean === 0 ? 0 : (1 + 0.1 * noise[seed]! ** 2) * width ** -0.5,
        };
      });
    });

  it('has the planted exponents, of widths from the rule’s', () => {
    const [law] = kinkLaws(rows(2));
    near(law!.smoothPart!.exponent.value, -1, 0.05);
    near(law!.kinkPart!.exponent.value, -0.5, 0.1);
    near(law!.flipped!.exponent.value, -0.5, 0.05);
    assert.equal(law!.kinkPart!.widths[0], 256);
  });

  it('tells a mean over seeds from chance', () => {
    for (const { mean, chance } of kinkMeans(rows(2))) assert.ok(mean > 3 * chance);
    for (const { mean, chance } of kinkMeans(rows(0))) assert.ok(mean < 2 * chance && mean > chance / 3);
  });
});

describe('the kernel at initialization', () => {
  const rows = (exponent: number): InitialKernelRow[] =>
    network('ReLU', false, exponent)
      .filter(({ step }) => step === 10)
      .map(({ name, sweep, k, smooth, width, seed, correction }) => ({
        name,
        sweep,
        k,
        smooth,
        width,
        seed,
        distance: correction,
      }));

  it('is judged by -1/2; a width of a single seed is in no fit, but in the one that says so', () => {
    const single = { ...rows(-0.5)[0]!, width: 8192, distance: 100 };
    const [law] = convergenceLaws([...rows(-0.5), single]);
    assert.equal(law!.law!.widths.at(-1), 4096);
    assert.equal(law!.withSingle!.widths.at(-1), 8192);
    assert.ok(law!.half);
    assert.equal(convergenceClaim([law!]), 'shown');
    assert.equal(convergenceClaim(convergenceLaws(rows(-0.7))), 'not shown');
    assert.equal(convergenceClaim([law!, ...convergenceLaws(rows(-0.7))]), 'shown in part');
    const wide = rows(-0.5).map((each) => ({
      ...each,
      distance: each.distance * each.width ** (0.3 * (each.seed - 1.5)),
    }));
    assert.equal(convergenceClaim(convergenceLaws(wide)), 'not tested here');
    assert.equal(convergenceClaim([]), 'not tested here');
  });
});

describe('fixed points', () => {
  const row = (depth: number, strength: number, f: number, path: FixedPointRow['path'] = 'up'): FixedPointRow => {
    const lambda = (strength / 16 ** depth) ** (1 / (depth + 1));
    const norm = (f * (1 - f)) / lambda;
    return {
      parameterization: 'ntk',
      depth,
      width: 16,
      path,
      strength,
      lambda,
      f,
      squaredNorms: [norm, norm],
      rankRatio: 0,
      updates: 1,
      gradient: 0,
    };
  };
  const whole = [1, 2].flatMap((depth) => {
    const top = collapse(depth).strength;
    const strengths = [0.1, 0.5, 0.9, 1.1].map((fraction) => fraction * top);
    const on = strengths.map((strength) => row(depth, strength, fixedPoints(depth, strength)[0] ?? 0));
    const back = strengths.map((strength) =>
      row(depth, strength, depth === 1 ? (fixedPoints(depth, strength)[0] ?? 0) : 0, 'down'),
    );
    return [...on, ...back];
  });

  it('on the curve, rank 1, falling to 0 for L = 2 and not coming back: shown, and nowhere near (S21) as printed', () => {
    const found = fixedPointClaim(whole);
    assert.equal(found.agreement, 'shown');
    assert.ok(found.solved < 1e-9);
    // At the smallest strength, 0.1: 1 + 0.1 against 1 - sqrt 0.1.
    near(found.printed, 0.1 + Math.sqrt(0.1), 1e-9);
  });

  it('each demand can fail alone', () => {
    const off = whole.map((each) => (each.path === 'up' && each.f > 0.1 ? { ...each, f: each.f + 1e-6 } : each));
    assert.equal(fixedPointClaim(off).parts.curve, 'not shown');
    const rank = whole.map((each) => ({ ...each, rankRatio: 0.1 }));
    assert.equal(fixedPointClaim(rank).parts.weights, 'not shown');
    const back = whole.map((each) => (each.path === 'down' && each.depth === 2 ? { ...each, f: 0.5 } : each));
    assert.equal(fixedPointClaim(back).parts.collapse, 'not shown');
    assert.equal(fixedPointClaim(whole.filter(({ depth }) => depth === 1)).parts.collapse, 'not tested here');
    assert.equal(fixedPointClaim([]).agreement, 'not tested here');
  });
});

describe('figure 5c', () => {
  const curve = plantedCurve;

  it('is decided by the widest network with the largest lambda, and shown at the paper’s width only', () => {
    const all = [curve(100_000, 1, 0), curve(1000, 1, 0.2), curve(100_000, 0.3, 0.5)];
    const found = followingClaim(all);
    assert.equal(found.agreement, 'shown');
    assert.equal(found.decisive, all[0]);
    assert.equal(followingClaim([curve(10_000, 1, 0)]).agreement, 'shown in part');
    assert.equal(followingClaim([curve(100_000, 1, 0, { largestInSteps: 0.2 })]).agreement, 'not shown');
    assert.equal(followingClaim([curve(100_000, 1, 0.2)]).agreement, 'not shown');
    assert.equal(followingClaim([]).agreement, 'not tested here');
  });

  it('the crossover lies between the last function that is left and the first that is gone for good', () => {
    const found = crossover([curve(1000, 1, 0.2), curve(10_000, 1, 0), curve(100, 1, 0), curve(100_000, 1, 0)]);
    assert.deepEqual(found, { left: 1000, decayed: 10_000 });
    assert.deepEqual(crossover([curve(1000, 1, 0.2)]), { left: 1000, decayed: Infinity });
  });
});
