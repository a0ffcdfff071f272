// npm run lab [-- arguments of jupyter lab]: JupyterLab out of .venv, in this checkout, with the kernel "TypeScript".
import { delimiter, dirname, join } from 'node:path';
import { become } from './become.mjs';
import { node24, ROOT, runMain } from './setup.mjs';

const bin = join(ROOT, '.venv', 'bin');
const env = { ...process.env, PATH: [bin, dirname(node24()), process.env.PATH].join(delimiter) };
await runMain(() => become(join(bin, 'jupyter-lab'), process.argv.slice(2), { cwd: ROOT, env }));
