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
import { plans, type PlanName } from './plan.ts';

const scratch = mkdtempSync(join(tmpdir(), 'l2-resume-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

function fileIn(root: string, name: PlanName): string {
  const plan = plans[name];
  return runPath(root, { ...plan, hash: hashConfig(plan.config) }, plan.varying);
}

interface Session {
  killed: boolean;
  /** Milliseconds from the start of the process, and of its training, to its end. */
  total: number;
  training: number;
}

/** One process on the run in `root`; `killAfter` is told when training begins and resolves when to kill. */
async function session(
  root: string,
  name: PlanName,
  kill?: { after: 'start' | 'training'; ms: number },
): Promise<Session> {
  const started = performance.now();
  let trainingSince: number | undefined;
  let stderr = '';
  const child = fork(join(import.meta.dirname, 'run-once.ts'), [root, name], {
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
      // The digest of a line covers its times.
      delete line['digest'];
      return JSON.stringify(line);
    });
}

async function killAndCompare(name: PlanName, wanted: number): Promise<string> {
  const undisturbed = join(scratch, name, 'undisturbed');
  const usual = await session(undisturbed, name);
  assert.equal(usual.killed, false);
  const expected = content(fileIn(undisturbed, name));
  assert.ok(expected.length > 30, `a log of ${expected.length} lines is too short to prove anything`);

  let kills = 0;
  let resumes = 0;
  let logs = 0;
  while (kills < wanted) {
    const root = join(scratch, name, `killed-${logs}`);
    let done = false;
    while (!done && kills < wanted) {
      // Now and then while it loads or opens its log; mostly while it trains, at any moment of a short stretch.
      const moment = Math.random() < 0.2 ? 'start' : 'training';
      const ms = Math.random() * (moment === 'start' ? usual.total : 0.4 * usual.training);
      const { killed } = await session(root, name, { after: moment, ms });
      if (killed) kills++;
      else done = true;
    }
    if (!done) await session(root, name);
    const file = fileIn(root, name);
    assert.deepEqual(content(file), expected);
    const { end, events } = readRun(file);
    assert.equal(end?.reason, 'finished');
    resumes += events.filter((event) => event.kind === 'resume').length;
    logs++;
  }
  assert.ok(resumes >= wanted / 4, `only ${resumes} of ${kills} kills hit a run that had begun`);
  return `${kills} kills, ${resumes} resumes, ${logs} logs of ${expected.length} lines compared`;
}

test('a run killed 20 times at random moments ends with the log of one never killed, to the bit', async (t) => {
  t.diagnostic(await killAndCompare('full batch', 20));
});

test('so does one with minibatches, batch norm, momentum, augmentation, AutoL2 and a schedule, killed 5 times', async (t) => {
  t.diagnostic(await killAndCompare('minibatches', 5));
  const { events } = readRun(fileIn(join(scratch, 'minibatches', 'undisturbed'), 'minibatches'));
  assert.ok(
    events.some(({ kind }) => kind === 'l2-decay'),
    'AutoL2 must have acted for this to prove anything',
  );
});
