export { claims } from './claims.ts';
export type { Claim } from './claims.ts';
export { parseVerdict, verdict, VERDICT_MIME, VERDICTS } from './verdict.ts';
export type { Displayable, Verdict, VerdictWord } from './verdict.ts';
