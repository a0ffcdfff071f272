// What workbooks import, and nothing that makes pages: build.ts loads a highlighter and a formula writer, which no cell needs.
export { claims } from './claims.ts';
export type { Claim } from './claims.ts';
export { parseVerdict, verdict, VERDICT_MIME, VERDICTS } from './verdict.ts';
export type { Displayable, Verdict, VerdictPart, VerdictWord } from './verdict.ts';
