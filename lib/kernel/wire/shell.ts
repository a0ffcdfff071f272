import { RequestSocket } from './request.ts';

/** Requests that wait their turn: executing, completing, inspecting, history, comms. */
export class ShellSocket extends RequestSocket {}
