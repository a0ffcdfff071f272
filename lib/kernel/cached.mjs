// Imported first, by each of the kernel's processes and threads: what V8 compiled and Node stripped of types is kept for
// the next start. The folder is the owner's alone; Node checks that what it holds belongs to today's sources.
import { mkdirSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE } from './name.mjs';

const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), PACKAGE);
try {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  module.enableCompileCache(folder);
  // Later would be too late: a session ends by SIGKILL.
  setTimeout(() => module.flushCompileCache(), 3000).unref();
} catch {
  // Without a place to write a start takes longer, no more.
}
