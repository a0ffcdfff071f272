/** The panels of the paper's figures and the tables beside them, from what lib/analysis makes of their runs. */

export { autoL2Panel, constantEta, contestTable, schedulePanel } from './auto-l2.ts';
export { budgetPanel, budgetTable, scalePanels } from './budget.ts';
export { figure1 } from './figure-1.ts';
export {
  collapses,
  constantRuns,
  everyRun,
  exclusionsTable,
  explorers,
  includedTables,
  lawPanels,
  lawTables,
  reachTables,
  readingsTables,
  selections,
} from './laws.ts';
export { cTable, factorTable, predictionPanel, predictionTable, tuningPanel, tStarTable } from './prediction.ts';
export { accuracyPanel, curvePanels, fitTimePanel, lossPanel } from './runs.ts';
