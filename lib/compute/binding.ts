/** Which package of tfjs this process computes with: the one that is loaded already, else tfjs-node-gpu, else tfjs-node. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Both have the same sources; only their own installers fetch another library. */
export const BINDINGS = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

function resolved(name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

function find(): { name: string; path: string } {
  const installed = BINDINGS.flatMap((name) => {
    const path = resolved(name);
    // danfojs may have an alias of that name loaded, tfjs in JavaScript alone, which computes with no binding.
    if (resolved(`${name}/dist/proto/api_pb.js`) === undefined) return [];
    return path === undefined ? [] : [{ name, path }];
  });
  const found = installed.find(({ path }) => require.cache[path] !== undefined) ?? installed[0];
  if (found === undefined) {
    throw new Error(`TensorFlow.js for Node was not found: npm install ${BINDINGS.at(-1)} --ignore-scripts`);
  }
  return found;
}

const { name, path } = find();

/** The binding's package: '@tensorflow/tfjs-node-gpu' or '@tensorflow/tfjs-node'. */
export const bindingPackage = name;

/** Requires as the binding itself does: its own tfjs, its own files. */
export const requireOfBinding = createRequire(path);

/** A file of the binding's package. */
export const requireFromBinding = (file = ''): unknown => require(file === '' ? name : `${name}/${file}`);
