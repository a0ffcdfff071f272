import { Session } from 'node:inspector';
import { Reflect } from './intrinsics.ts';

const GOES_ON = /^Debugger\.(resume|step)/;

/**
 * A program may debug its own thread. Node takes such a session for none and, since the controller is connected as well,
 * waits for that one to let a paused thread go on: so the controller is told.
 */
export function tellResumes(tell: () => void): void {
  const { prototype } = Session;
  const post = prototype.post as (...given: unknown[]) => void;
  prototype.post = function (this: Session, ...given: unknown[]): void {
    if (GOES_ON.test(String(given[0]))) tell();
    Reflect.apply(post, this, given);
  } as typeof prototype.post;
}
