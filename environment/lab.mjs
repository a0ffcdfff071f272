// npm run lab [-- arguments of jupyter lab]: JupyterLab out of .venv, in this checkout, with the kernel "TypeScript".
import { delimiter, join } from 'node:path';
import { become } from './become.mjs';
import { ROOT, runMain } from './setup.mjs';

const bin = join(ROOT, '.venv', 'bin');
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
await runMain(() => become(join(bin, 'jupyter-lab'), process.argv.slice(2), { cwd: ROOT, env }));
