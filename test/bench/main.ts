// npm run bench -- NAME [argument ...]: runs test/bench/NAME.ts. Speed is measured here and never tested: machines are noisy.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';

const [name = '', ...rest] = process.argv.slice(2);
const names = globSync('*.ts', { cwd: import.meta.dirname })
  .map((file) => basename(file, '.ts'))
  .filter((each) => each !== 'main');
if (names.includes(name)) {
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.ts`), ...rest], { stdio: 'inherit' });
  child.on('exit', (code) => (process.exitCode = code ?? 1));
} else {
  console.error(`"${name}" is no bench; there are: ${names.join(', ')}`);
  process.exitCode = 1;
}
