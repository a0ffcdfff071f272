import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { threadEnvironment } from '../../lib/compute/threads.ts';
import { hashConfig, readRun, runPath } from '../../lib/runs/index.ts';
import { plan } from './plan.ts';

const KILLS = 20;

const scratch = mkdtempSync(join(tmpdir(), 'l2-resume-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
const fileIn = (root: string): string => runPath(root, { ...plan, hash: hashConfig(plan.config) }, plan.varying);

interface Session {
  killed: boolean;
  /** Milliseconds from the start of the process, and of its training, to its end. */
  total: number;
  training: number;
}

/** One process on the run in `root`; `killAfter` is told when training begins and resolves when to kill. */
async function session(root: string, kill?: { after: 'start' | 'training'; ms: number }): Promise<Session> {
  const started = performance.now();
  let trainingSince: number | undefined;
  let stderr = '';
  const child = fork(join(import.meta.dirname, 'run-once.ts'), [root], {
    env: { ...process.env, ...threadEnvironment(1) },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  const strike = (ms: number): void => void sleep(ms).then(() => child.kill('SIGKILL'));
  if (kill?.after === 'start') strike(kill.ms);
  child.on('message', (message) => {
    if (message !== 'training') return;
    trainingSince = performance.now();
    if (kill?.after === 'training') strike(kill.ms);
  });
  const [code, signal] = await closed;
  const now = performance.now();
  assert.ok(signal === 'SIGKILL' || code === 0, `the session failed: ${stderr}`);
  return { killed: signal === 'SIGKILL', total: now - started, training: now - (trainingSince ?? now) };
}

/** The log without what a kill may change: times and resume events. */
function content(file: string): string[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line['kind'] !== 'resume')
    .map((line) => {
      delete line['seconds'];
      delete line['startedAt'];
      return JSON.stringify(line);
    });
}

test(`a run killed ${KILLS} times at random moments ends with the log of one never killed, to the bit`, async (t) => {
  const undisturbed = join(scratch, 'undisturbed');
  const usual = await session(undisturbed);
  assert.equal(usual.killed, false);
  const expected = content(fileIn(undisturbed));
  assert.ok(expected.length > 60, `a log of ${expected.length} lines is too short to prove anything`);

  let kills = 0;
  let resumes = 0;
  let logs = 0;
  const check = (root: string): void => {
    const file = fileIn(root);
    assert.deepEqual(content(file), expected);
    assert.equal(readRun(file).end?.reason, 'finished');
    resumes += readRun(file).events.filter((event) => event.kind === 'resume').length;
    logs++;
  };
  while (kills < KILLS) {
    const root = join(scratch, `killed-${logs}`);
    let done = false;
    while (!done && kills < KILLS) {
      // Now and then while it loads or opens its log; mostly while it trains, at any moment of a short stretch.
      const after = Math.random() < 0.2 ? 'start' : 'training';
      const ms = Math.random() * (after === 'start' ? usual.total : 0.4 * usual.training);
      const { killed } = await session(root, { after, ms });
      if (killed) kills++;
      else done = true;
    }
    if (!done) await session(root);
    check(root);
  }
  t.diagnostic(`${kills} kills, ${resumes} resumes, ${logs} logs of ${expected.length} lines compared`);
  assert.ok(resumes >= KILLS / 4, `only ${resumes} of ${kills} kills hit a run that had begun`);
});
