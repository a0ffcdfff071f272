/** Local modules in the worker threads and forked processes of cells. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installModuleHooks, LocalModules } from './modules.ts';

process.setSourceMapsEnabled(true);
const folder = process.cwd();
installModuleHooks(new LocalModules(folder, pathToFileURL(join(folder, 'worker.ts')).href));
