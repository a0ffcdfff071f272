/** Figure 1: the two budgets, the predicted lambda and AutoL2 beside one another. */

import { predictions } from '../../analysis/index.ts';
import { budgetsOf } from '../../claims/index.ts';
import type { Chart } from '../chart.ts';
import { lines } from '../lines.ts';
import { drawn, notThere } from '../logs.ts';
import type { OpenFigure, OpenPart } from '../open-figure.ts';
import type { Markdown } from '../table.ts';
import { autoL2Panel, constantEta } from './auto-l2.ts';
import { budgetPanel } from './budget.ts';
import { predictionPanel } from './prediction.ts';

/** A chart a preset of which there are logs; below it, which panel is empty and what makes its runs. */
export async function figure1({ presets, parts: { a, b, c } }: OpenFigure<'1'>): Promise<(Chart | Markdown)[]> {
  const shown: (Chart | Markdown)[] = [];
  for (const preset of presets) {
    const runsOf = ({ opened }: OpenPart) => opened.find((sweep) => sweep.preset === preset)?.runs ?? [];
    if ([a, b, c].every((part) => runsOf(part).length === 0) && preset !== presets[0]) continue;
    const duel = constantEta(runsOf(c));
    const contenders = [duel.auto, duel.tuned].filter((each) => each !== undefined);
    const panels = [
      // At initial scale 1; the others are figure S12's.
      budgetPanel(budgetsOf(a.plan, { runs: runsOf(a), preset }, [1]), 1, '(a)  Fixed time and time ~ 1/λ'),
      predictionPanel(predictions(runsOf(b)), '(b)  Tuned and predicted λ'),
      autoL2Panel(duel, contenders, '(c)  AutoL2 and the tuned λ'),
    ];
    const alt = `Figure 1, preset ${preset}: maximum test accuracy over λ for two budgets; over the budget for tuned and predicted λ; test accuracy over epochs for AutoL2 and the tuned λ.`;
    shown.push(...(await drawn([a.opened[0]!], 'figure 1', () => lines(panels, { colours: 'contrast', alt }))));
    for (const [i, { title, series }] of panels.entries())
      if (!series.some(({ points }) => points.length > 0))
        shown.push(notThere([a, b, c][i]!.opened[0]!, `panel ${title.slice(0, 3)}`));
  }
  return shown;
}
