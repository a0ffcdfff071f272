export { readCell, type Cell, type Declaration } from './cell.ts';
export { completeness } from './completeness.ts';
export { lower, type Lowered } from './lower.ts';
export { prepare, type CheckMode } from './magics.ts';
export { fromCodePoints, toCodePoints, toOffset, toPosition, type Position } from './positions.ts';
export { problemReport } from './problems.ts';
export { rewrite } from './rewrite.ts';
export { NotebookTypes, type Checked, type Diagnostic } from './types.ts';
export { warmUp } from './warm-up.ts';
