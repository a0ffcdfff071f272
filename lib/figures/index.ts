/** Charts of the paper's figures: vega-lite specifications that show themselves live, as SVG, as PNG or in words. Needs no browser. */

export { Chart, chart, NothingToDraw, renderPng, renderSvg, VEGA_LITE_MIME } from './chart.ts';
export type { ChartOptions, MimeBundle } from './chart.ts';
export { curves, exploreCurves, PLOTLY_MIME, PlotlyFigure } from './curves.ts';
export { collapse, etaLambdaPanels } from './eta-lambda.ts';
export type { EtaLambdaOptions } from './eta-lambda.ts';
export {
  etaLambdaRows,
  etaLambdaSummary,
  lawTable,
  reachTable,
  readingsTable,
  selectionTables,
  selectionWords,
} from './eta-lambda-claims.ts';
export { lines } from './lines.ts';
export type { AxisOptions, LinePanel, LinePoint, LinesOptions, Series } from './lines.ts';
export { liveChart, trainHere } from './live.ts';
export type { LiveCell } from './live.ts';
export { drawn, logsThere, notThere, settingsTable } from './logs.ts';
export { rowsChart } from './heatmap.ts';
export * from './panels/index.ts';
export { openFigure } from './open-figure.ts';
export type { OpenFigure, OpenPart, SweepLogs } from './open-figure.ts';
export { readingsBeside, ruleChanges } from './readings.ts';
export * from './supplement.ts';
export * from './supplement-tables.ts';
export { dataTable, digits, interval, Markdown, markdown, scientific } from './table.ts';
export type { CellValue } from './table.ts';
export { FONT, GUIDE, logAxis, PAIR, sequence, theme } from './theme.ts';
export { crossoverChart, modesChart, trainedChart } from './infinite-width.ts';
export type { ModePoint } from './infinite-width.ts';
export { fixedPointChart } from './fixed-points.ts';
export { correctionRows, decayChart, distanceRows, exponentChart, kinkChart, widthChart } from './theory.ts';
export * from './beyond.ts';
