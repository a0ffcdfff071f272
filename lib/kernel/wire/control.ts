import { RequestSocket } from './request.ts';

/** Requests answered at once, also while a cell computes: interrupt, shutdown, debug, subshells. */
export class ControlSocket extends RequestSocket {}
