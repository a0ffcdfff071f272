#!/usr/bin/env node
// The way in for npx, and for a kernel that lies below node_modules, where Node itself strips no types.
import { readFileSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(`this kernel needs Node 24 or newer, this is ${process.version} (${process.execPath})`);
  process.exit(1);
}
const here = new URL('.', import.meta.url).href;
if (here.includes('/node_modules/')) {
  module.registerHooks({
    load(url, context, next) {
      if (!url.startsWith(here) || !url.endsWith('.ts')) return next(url, context);
      const source = module.stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'));
      return { format: 'module', source, shortCircuit: true };
    },
  });
}
await import('./main.ts');
