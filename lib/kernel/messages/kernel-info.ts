import { createRequire } from 'node:module';
import { PACKAGE } from '../name.mjs';
import { PROTOCOL_VERSION } from '../wire/index.ts';
import type { Content } from './kernel.ts';

const require = createRequire(import.meta.url);
const versionOf = (path: string): string => (require(path) as { version: string }).version;

export const KERNEL_VERSION = versionOf('../package.json');
export const TYPESCRIPT_VERSION = versionOf('typescript/package.json');

export function kernelInfo(): Content {
  return {
    status: 'ok',
    protocol_version: PROTOCOL_VERSION,
    implementation: PACKAGE,
    implementation_version: KERNEL_VERSION,
    language_info: {
      name: 'typescript',
      version: TYPESCRIPT_VERSION,
      mimetype: 'text/typescript',
      file_extension: '.ts',
      pygments_lexer: 'typescript',
      codemirror_mode: { name: 'javascript', typescript: true },
      nbconvert_exporter: 'script',
    },
    banner: `TypeScript ${TYPESCRIPT_VERSION} on Node ${process.version}, ${PACKAGE} ${KERNEL_VERSION}`,
    debugger: true,
    supported_features: ['debugger', 'kernel subshells'],
    help_links: [
      { text: 'TypeScript', url: 'https://www.typescriptlang.org/docs/' },
      { text: 'Node.js', url: 'https://nodejs.org/docs/latest-v24.x/api/' },
    ],
  };
}
