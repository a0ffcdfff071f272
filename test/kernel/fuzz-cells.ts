// npm run fuzz:cells [-- --cells N --seed N]: made-up cells against the same lines run by Node; kept out of the tests for its length.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const script = join(import.meta.dirname, 'fuzz_cells.py');
const child = spawn(join(root, '.venv', 'bin', 'python'), [script, ...process.argv.slice(2)], { stdio: 'inherit' });
child.on('exit', (code) => (process.exitCode = code ?? 1));
