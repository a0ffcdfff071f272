import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { frozenPage } from '../../lib/watch/page.ts';
import { LogWatcher, notePath } from '../../lib/watch/reader.ts';
import { curveOf, rowOf, type Row } from '../../lib/watch/rows.ts';
import { serve } from '../../lib/watch/server.ts';
import { temporaryFolder } from '../runner/support.ts';
import { writeLog } from './support.ts';

const measure = (step: number): string =>
  `${JSON.stringify({ kind: 'measure', step, epoch: step, seconds: step, trainLoss: 1, trainError: 0.5, testLoss: 1, testError: 0.5, l2Norm: 1, eta: 0.1, lambda: 0.1 })}\n`;

describe('the watcher', () => {
  test('reads what is new of a log that grows, waits for a whole line, and takes back an end that a resume took back', () => {
    const root = temporaryFolder();
    const file = writeLog(root, { seed: 0, measures: 3, changes: { steps: 9 } });
    const watcher = new LogWatcher([root]);
    const look = () => {
      watcher.update();
      const { measures, state, resumes } = watcher.runs[0]!;
      return { steps: measures.map(({ step }) => step), state, resumes };
    };
    assert.deepEqual(look(), { steps: [0, 1, 2], state: 'finished', resumes: 0 });
    const { version } = watcher;
    look();
    assert.equal(watcher.version, version, 'nothing changed');

    // A resume cuts the end line off and goes on behind it.
    const whole = readFileSync(file, 'utf8');
    const withoutEnd = whole.slice(0, whole.lastIndexOf('{"kind":"end"'));
    const resumed = `${withoutEnd}{"kind":"resume","step":2,"at":"2026-01-01T00:00:00.000Z"}\n${measure(3)}`;
    writeFileSync(file, resumed);
    assert.deepEqual(look(), { steps: [0, 1, 2, 3], state: 'interrupted', resumes: 1 });
    const line = measure(4);
    appendFileSync(file, line.slice(0, 40));
    assert.deepEqual(look().steps, [0, 1, 2, 3]);
    appendFileSync(file, line.slice(40));
    assert.deepEqual(look().steps, [0, 1, 2, 3, 4]);
    rmSync(file);
    watcher.update();
    assert.equal(watcher.runs.length, 0);
  });

  test('tells running from interrupted by whether the process that writes is alive, and other hosts by lately', async () => {
    const root = temporaryFolder();
    const file = writeLog(root, { seed: 0, measures: 2, ended: false });
    const watcher = new LogWatcher([root]);
    const state = () => {
      watcher.update();
      return watcher.runs[0]!.state;
    };
    assert.equal(state(), 'interrupted');
    const owner = (pid: number, host = hostname()): void =>
      writeFileSync(`${file}.owner`, JSON.stringify({ pid, host }));
    owner(process.pid);
    assert.equal(state(), 'running');
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'close');
    owner(child.pid!);
    assert.equal(state(), 'interrupted');
    owner(1, 'a node of a cluster');
    assert.equal(state(), 'running', 'its files were just written');
  });

  test('names a damaged log, keeps the others, and shows the note beside a log', () => {
    const root = temporaryFolder();
    const damaged = writeLog(root, { seed: 0, measures: 2 });
    const good = writeLog(root, { seed: 1, measures: 2 });
    writeFileSync(damaged, readFileSync(damaged, 'utf8').replace('"kind":"measure"', '"kind:"measure"'));
    writeFileSync(notePath(good), 'the <one> to keep\n');
    const watcher = new LogWatcher([root]);
    watcher.update();
    const [first, second] = watcher.runs.map(rowOf) as [Row, Row];
    assert.deepEqual([first.state, second.state], ['unreadable', 'finished']);
    assert.match(first.message, /npm run verify/);
    assert.equal(second.note, 'the <one> to keep');
    assert.equal(frozenPage(watcher).includes('the <one>'), false, 'a note cannot end the script that holds it');
  });

  test('only reads: a folder that it watched holds what it held', () => {
    const root = temporaryFolder();
    const file = writeLog(root, { seed: 0, measures: 5, ended: false });
    writeFileSync(`${file}.lock`, '');
    const state = () => {
      const folder = dirname(file);
      return readdirSync(folder).map((name) => [
        name,
        statSync(join(folder, name)).mtimeMs,
        statSync(join(folder, name)).size,
      ]);
    };
    const before = state();
    const watcher = new LogWatcher([root, dirname(file), join(root, 'none')]);
    watcher.update();
    watcher.update();
    assert.deepEqual(state(), before);
  });

  test('numbers that diverged are gaps, not zeros', () => {
    const root = temporaryFolder();
    const file = writeLog(root, { seed: 0, measures: 2, ended: false });
    appendFileSync(
      file,
      measure(2).replace('"trainLoss":1', '"trainLoss":"NaN"').replace('"testLoss":1', '"testLoss":"Infinity"'),
    );
    const watcher = new LogWatcher([root]);
    watcher.update();
    const curve = curveOf(watcher.runs[0]!);
    assert.deepEqual(curve.trainLoss, [1, 0.5, null]);
    assert.deepEqual(curve.testLoss.at(-1), null);
  });
});

describe('the server', async () => {
  const root = temporaryFolder();
  writeLog(root, { seed: 0, measures: 3 });
  const server = await serve(new LogWatcher([root]));
  after(() => server.close());

  interface Answer {
    status: number;
    body: string;
    headers: NodeJS.Dict<string | string[]>;
  }
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: server.port, path, method, headers }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => resolve({ status: response.statusCode!, body, headers: response.headers }));
      });
      asked.on('error', reject).end();
    });
  const withToken = { 'x-token': server.token };

  test('gives nothing without its token, with a wrong one, or to another Host, and takes no other method', async () => {
    for (const path of ['/', '/runs', '/curves?ids=0', '/frozen.html', '/client.js', '/none']) {
      assert.equal((await get(path)).status, 403, path);
      assert.equal((await get(path, { 'x-token': `${server.token}x` })).status, 403, path);
      assert.equal((await get(path, { ...withToken, host: 'evil.example' })).status, 403, path);
      assert.equal((await get(path, withToken, 'POST')).status, 405, path);
    }
    assert.equal((await get('/none', withToken)).status, 404);
    assert.equal((await get('/../package.json', withToken)).status, 404);
    assert.equal((await get('/__proto__', withToken)).status, 404);
  });

  test('sends its policy with every answer', async () => {
    const { status, headers, body } = await get(`/?token=${server.token}`);
    assert.equal(status, 200);
    assert.match(String(headers['content-security-policy']), /default-src 'none'; script-src 'self';/);
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.doesNotMatch(body, /https?:\/\//);
  });

  test('gives rows that changed since a version, and curves by id', async () => {
    const all = JSON.parse((await get('/runs?since=-1', withToken)).body) as { version: number; rows: Row[] };
    assert.equal(all.rows.length, 1);
    assert.equal(all.rows[0]!.state, 'finished');
    const none = JSON.parse((await get(`/runs?since=${all.version}&count=1`, withToken)).body) as object;
    assert.deepEqual(none, { version: all.version, rows: [] });
    const [curve] = JSON.parse((await get(`/curves?ids=${all.rows[0]!.id}`, withToken)).body) as { step: number[] }[];
    assert.deepEqual(curve!.step, [0, 1, 2]);
  });
});
