/** The theory's workbook: lemma 1, theorems 1 and 2, lemma 2 and B.1, each a part. */

import { countShown, verdictOf } from './claim.ts';
import type { Conclusion } from './claim.ts';
import { joined } from './plain.ts';
import { digits, KERNEL_RULES, logFolders, scientific } from '../analysis/index.ts';
import type { Agreement, CorrectionClaim, FixedPointClaim, OpenSweep, Part, PartVerdict } from '../analysis/index.ts';

/** What the workbook computes. */
export interface TheoryResults {
  /** Largest deviation from lemma 1's ratio k - m. */
  lemma1: number;
  /** Theorem 1: largest relative error of the kernel's rate of decay. */
  decay: { agreement: Agreement; error: number };
  /** Lemma 2: the exponent of the correction in the width. */
  correction: CorrectionClaim;
  /** Theorem 2: largest mean of y f left at the end. */
  vanishing: { agreement: Agreement; largest: number };
  fixedPoints: FixedPointClaim;
  logs: readonly OpenSweep[];
}

/** Lemma 1 holds to rounding. */
export const LEMMA_1_RULE = 1e-9;

const RELU =
  'an expansion that allows a jump of the gradient: the paper’s lemma assumes none, and wider networks (a day of two cores) narrow the interval only';

const asPart = (agreement: Agreement): PartVerdict =>
  agreement === 'shown' ? 'shown' : agreement === 'not shown' ? 'not shown' : 'undecided';

export function theory({ lemma1, decay, correction, vanishing, fixedPoints, logs }: TheoryResults): Conclusion {
  const exponent = (
    panel: string,
    claim: string,
    { holding, deciding }: CorrectionClaim['smooth'],
    decides: string,
  ): Part => {
    const verdict: PartVerdict =
      deciding === 0 ? 'undecided' : holding >= KERNEL_RULES.share * deciding ? 'shown' : 'not shown';
    return {
      panel,
      claim,
      verdict,
      measure: 'share of the times whose interval of the exponent holds −1',
      effect: deciding === 0 ? null : holding / deciding,
      interval: null,
      n: deciding,
      of: 'times at which the interval is narrow enough',
      words: `−1 lies in the interval at ${holding} of ${deciding} times`,
      ...(verdict !== 'shown' && { decides }),
    };
  };
  const within = (
    panel: string,
    claim: string,
    verdict: PartVerdict,
    error: number,
    words: string,
    n: number,
    of: string,
  ): Part => ({
    panel,
    claim,
    verdict,
    measure: 'largest deviation',
    effect: Number.isFinite(error) ? error : null,
    interval: null,
    n,
    of,
    words: Number.isFinite(error) ? words : 'there are no logs of it',
    ...(verdict !== 'shown' && { decides: 'the runs of kernel-decay and deep-linear: minutes on two cores' }),
  });
  const parts: Part[] = [
    within(
      'Lemma 1',
      'Σ θ ∂ of a derivative of f is k − m times that derivative',
      lemma1 < LEMMA_1_RULE ? 'shown' : 'not shown',
      lemma1,
      `within ${scientific(lemma1)}`,
      3,
      'networks',
    ),
    within(
      'Theorem 1',
      'the kernel decays at the rate 2(k − 1)λ',
      asPart(decay.agreement),
      decay.error,
      `within ${digits(100 * decay.error, 2)} % at the widest networks`,
      1,
      'largest error over networks',
    ),
    exponent('Lemma 2', 'its corrections are of order 1/n where the gradient has no jump', correction.smooth, RELU),
    exponent('Lemma 2', 'and for ReLU', correction.kinked, RELU),
    within(
      'Theorem 2',
      'the function decays to 0',
      asPart(vanishing.agreement),
      vanishing.largest,
      `at most ${scientific(vanishing.largest)} is left`,
      1,
      'largest over networks',
    ),
    within(
      'B.1',
      'deep linear networks end at the fixed points of (S20)',
      asPart(fixedPoints.agreement),
      fixedPoints.offCurve,
      `within ${scientific(fixedPoints.offCurve)} of (S20), of λ² n = (1 − f)² within ${scientific(fixedPoints.solved)}, at least ${digits(fixedPoints.printed, 3)} from (S21) as printed`,
      fixedPoints.collapses.length,
      'depths',
    ),
  ];
  const open = parts
    .filter(({ verdict }) => verdict !== 'shown')
    .map(({ panel, claim, verdict }) => `${panel} (${claim}): ${verdict}`);
  return {
    figure: 'theory',
    claim:
      'L2 makes the kernel of a k-homogeneous network decay as exp(−2(k − 1)λt) with corrections of order 1/n, and its function to 0; deep linear networks have the fixed points of (S20).',
    verdict: verdictOf(parts),
    summary: `${countShown(parts)}${open.length > 0 ? `; ${joined(open)}` : ''}.`,
    parts,
    sentence: `The paper’s statements about very wide networks, each put to a computation or to networks of up to 16,384 units trained from several seeds: ${parts.filter(({ verdict }) => verdict === 'shown').length} of ${parts.length} hold, to the accuracy that each part names${open.length > 0 ? `; not, or not surely: ${joined(open)}` : ''}.`,
    data: logFolders(logs),
    earlier: [],
  };
}
