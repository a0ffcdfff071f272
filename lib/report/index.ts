export { parseVerdict, verdict, VERDICT_MIME, VERDICTS } from './verdict.ts';
export type { Displayable, Verdict, VerdictWord } from './verdict.ts';
