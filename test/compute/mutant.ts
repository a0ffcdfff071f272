// Preload (--import) that takes one guard out of lib/compute while it is loaded: MUTANT is JSON, a list of {file, from, to}.
import { registerHooks } from 'node:module';

const edits = JSON.parse(process.env['MUTANT'] ?? '[]') as { file: string; from: string; to: string }[];
const room = new URL('../../lib/compute/', import.meta.url).href;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const own = edits.filter(({ file }) => url === `${room}${file}`);
    if (own.length === 0) return loaded;
    if (typeof loaded.source === 'string' || !loaded.source) throw new Error(`${url} was not loaded as bytes`);
    let source = new TextDecoder().decode(loaded.source);
    for (const { file, from, to } of own) {
      const parts = source.split(from);
      if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${from}`);
      source = parts.join(to);
    }
    return { ...loaded, source };
  },
});
