/** The rules that changed, and what each part of a figure came to before and after: they stand side by side in the workbook. */

import { RULE_CHANGES, RULES_SET } from '../analysis/index.ts';
import type { RuleChange } from '../analysis/index.ts';
import type { Conclusion } from '../claims/index.ts';
import { dataTable, Markdown, markdown } from './table.ts';

/** What the parts came to by the rules before RULES_SET, then by those that count. */
export function readingsBeside({ parts, earlier }: Pick<Conclusion, 'parts' | 'earlier'>): Markdown {
  const rows = [
    ...earlier.map(({ panel, agreement, words }) => ({
      panel,
      rule: `before ${RULES_SET}`,
      verdict: agreement,
      words,
    })),
    ...parts.map(({ panel, claim, verdict, words }) => ({ panel, rule: `now: ${claim}`, verdict, words })),
  ];
  return dataTable(rows, { panel: 'panel', rule: 'rule', verdict: 'verdict', words: 'numbers' });
}

/** Every change of a rule that judges this figure: what it was, what it is, why, and after which logs. */
export function ruleChanges(figure: string): Markdown {
  const mine = RULE_CHANGES.filter(({ figures }) => figures.some((name) => covers(name, figure)));
  if (mine.length === 0) return markdown(`No rule of this figure changed on ${RULES_SET}.`);
  return dataTable(mine.map(row), {
    date: 'set on',
    was: 'the rule was',
    is: 'it is',
    why: 'because',
    after: 'chosen after these logs had been seen',
  });
}

const row = ({ was, is, why, after, set }: RuleChange) => ({ date: set ?? RULES_SET, was, is, why, after });

/** '1a' judges figure 1, and '1' all of its panels. */
const covers = (name: string, figure: string): boolean =>
  name === figure || (/^\d+[a-f]$/.test(name) && name.slice(0, -1) === figure);
