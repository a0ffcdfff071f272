/** Takes and gives back the lock of argv[2] until argv[3] turns were had; every third turn ends in SIGKILL. Writes what it saw to stdout. */
import fs from 'node:fs';
import { lockRun } from '../../lib/runs/lock.ts';

const [, , file, turns] = process.argv as [string, string, string, string];
const inside = `${file}.inside`;
let had = 0;
let overlaps = 0;
for (const until = Date.now() + 120_000; had < Number(turns) && Date.now() < until;) {
  let unlock: () => void;
  try {
    unlock = lockRun(file);
  } catch (error) {
    if (!/is writing this run|again and again/.test(String(error))) throw error;
    continue;
  }
  had++;
  // A killed one's mark says its process, whose lock is gone as well.
  const mark = fs.existsSync(inside) ? fs.readFileSync(inside, 'utf8') : '';
  if (mark !== '' && mark !== 'killed') overlaps++;
  const last = had === Number(turns) && process.pid % 3 === 0;
  fs.writeFileSync(inside, last ? 'killed' : String(process.pid));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  if (fs.readFileSync(inside, 'utf8') !== (last ? 'killed' : String(process.pid))) overlaps++;
  if (last) {
    fs.writeSync(1, JSON.stringify({ had, overlaps }));
    process.kill(process.pid, 'SIGKILL');
  }
  fs.writeFileSync(inside, '');
  unlock();
}
fs.writeSync(1, JSON.stringify({ had, overlaps }));
