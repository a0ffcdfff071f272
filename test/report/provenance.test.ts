import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { checksums } from '../../lib/report/provenance.ts';
import { ROOT } from '../../lib/runs/index.ts';

test('a checksum is taken of files in the repository only, whatever a path says or a link leads to', (t) => {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.cache', 'data-'));
  const other = mkdtempSync(join(tmpdir(), 'l2-dynamics-other-'));
  t.after(() => [folder, other].forEach((each) => rmSync(each, { recursive: true })));
  const name = relative(ROOT, folder);
  writeFileSync(join(folder, 'run.jsonl'), 'a log');
  writeFileSync(join(other, 'secret'), 'not yours');
  assert.deepEqual(
    checksums(name).map(({ path }) => path),
    [`${name}/run.jsonl`],
  );
  for (const path of ['..', '../..', '../../..', `${name}/../../..`, '/etc/hostname', other, 'lib/../../x']) {
    assert.throws(() => checksums(path), /lies outside the repository/, path);
  }
  symlinkSync(other, join(folder, 'linked'));
  assert.throws(() => checksums(name), /linked, which lies outside the repository/);
  rmSync(join(folder, 'linked'));
  symlinkSync(join(folder, 'run.jsonl'), join(folder, 'within'));
  assert.equal(checksums(name)[0]?.sha256, checksums(name)[1]?.sha256);
  assert.throws(() => checksums(`${name}/none`), /does not exist/);
  if (process.platform === 'win32') return;
  spawnSync('mkfifo', [join(folder, 'pipe')]);
  assert.throws(() => checksums(name), /it is a FIFO/);
});
