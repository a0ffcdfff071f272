#!/usr/bin/env node
// The way in for npx, and for a kernel that lies below node_modules.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(`this kernel needs Node 24 or newer, this is ${process.version} (${process.execPath})`);
  process.exit(1);
}
await import('./strip.mjs');
await import('./main.ts');
