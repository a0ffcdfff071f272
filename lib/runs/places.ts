/** Where things lie in this repository: the one file that knows how deep it lies itself. */
import { join } from 'node:path';

/** The repository, an absolute path without a slash at its end. */
export const ROOT = join(import.meta.dirname, '..', '..');
/** The committed raw logs, `<sweep>/<preset>/*.jsonl`. */
export const COMMITTED_LOGS = join(ROOT, 'data', 'runs');
/** The logs that a user makes, laid over the committed ones; ignored by git. */
export const OWN_LOGS = join(ROOT, 'data', 'local');
/** Data sets as fetched, unless L2_DYNAMICS_DATASETS names another folder. */
export const DATASETS = join(ROOT, 'data', 'datasets');
export const NOTEBOOKS = join(ROOT, 'notebooks');
/** What `npm run figures` writes. */
export const REPORT = join(ROOT, 'report');
/** What `npm run handover` writes. */
export const HANDOVER = join(ROOT, 'handover');
