// npm run watch [-- folder ...]: a page on this machine that follows the runs of folders while they are made.
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DATA_FOLDERS } from '../runs/index.ts';
import { frozenPage } from './page.ts';
import { LogWatcher } from './reader.ts';
import { serve } from './server.ts';

const HELP = `npm run watch [-- <folder> ...] [options]

  <folder>           of logs (default data/runs and data/local), of one sweep, or of one preset
  --port N           default: any that is free
  --freeze FILE      writes the page with its data into one file, and ends

The page only reads. Its address holds a token: whoever has it can see the logs, on this machine. From another one: ssh -L N:127.0.0.1:N.`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { port: { type: 'string' }, freeze: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  // npm runs scripts in the package's folder; a relative path means the folder the user is in.
  const given = (path: string): string => resolve(process.env['INIT_CWD'] ?? '', path);
  const folders = positionals.length > 0 ? positionals.map(given) : DATA_FOLDERS;
  const missing = positionals.length > 0 ? folders.find((folder) => !existsSync(folder)) : undefined;
  if (missing !== undefined) throw new RangeError(`${missing}: there is no such folder`);
  const watcher = new LogWatcher(folders);
  if (values.freeze !== undefined) {
    watcher.update();
    const file = given(values.freeze);
    writeFileSync(`${file}.tmp`, frozenPage(watcher));
    renameSync(`${file}.tmp`, file);
    console.log(`${watcher.runs.length} runs in ${file}`);
    return;
  }
  const port = Number(values.port ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new RangeError(`--port ${values.port}: expected a whole number from 0 to 65535`);
  const server = await serve(watcher, { port });
  console.log(`${watcher.runs.length} runs in ${folders.join(', ')}\nopen ${server.url}\nCtrl-C ends`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close());
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
