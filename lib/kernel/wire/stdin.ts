import { RequestSocket } from './request.ts';

/** Here the kernel asks and the front end answers: input_request, input_reply. */
export class StdinSocket extends RequestSocket {}
