/** Which figure of the paper (or workbook beyond them) rests on which sweeps. The one place that says so; a test holds it against the sweeps themselves. */

export const FIGURE_SWEEPS: Readonly<Record<string, readonly string[]>> = {
  '1a': ['wrn-budget'],
  '1b': ['wrn-momentum-lambda'],
  '1c': ['wrn-autol2'],
  '2a': ['fc-eta-lambda'],
  '2b': ['fc-eta-lambda'],
  '2c': ['fc-eta-lambda'],
  '2d': ['wrn-eta-lambda', 'wrn-eta-lambda-4096'],
  '2e': ['wrn-eta-lambda', 'wrn-eta-lambda-4096'],
  '2f': ['wrn-eta-lambda', 'wrn-eta-lambda-4096'],
  '3a': ['cnn-lambda'],
  '3b': ['cnn-lambda'],
  '3c': ['cnn-lambda'],
  '3d': ['cnn-bn-lambda'],
  '3e': ['cnn-bn-lambda'],
  '3f': ['cnn-bn-lambda'],
  '4': ['wrn-momentum-lambda'],
  '5': ['relu-two-layer'],
  S1: ['fc-eta-lambda', 'wrn-eta-lambda'],
  S2: ['wrn-momentum-lambda'],
  S3: ['wrn-momentum-lambda'],
  S4: ['wrn-momentum-lambda'],
  S5: ['fc-mse-eta-lambda'],
  S6: ['fc-eta-lambda', 'wrn-eta-lambda', 'wrn-eta-lambda-4096', 'cnn-lambda', 'cnn-bn-lambda'],
  S7: ['fc-narrow-lambda'],
  S8: ['resnet-eta-lambda'],
  S9: ['wrn-autol2'],
  S10: ['wrn-autol2', 'wrn-autol2-long'],
  S11: ['fc-eta-lambda', 'cnn-lambda', 'cnn-bn-lambda', 'fc-autol2', 'cnn-autol2'],
  S12: ['wrn-budget'],
  beyond: ['fc-adamw'],
  theory: ['deep-linear', 'kernel-decay', 'kernel-kinks', 'deep-kernel-decay'],
};

/** The sweeps of a figure. Throws a RangeError that lists the figures for one that rests on no sweep. */
export function sweepsOf(figure: string): readonly string[] {
  const sweeps = FIGURE_SWEEPS[figure];
  if (!sweeps)
    throw new RangeError(
      `no figure ${figure} rests on a sweep; those that do: ${Object.keys(FIGURE_SWEEPS).join(', ')}`,
    );
  return sweeps;
}
