import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

type Params = Record<string, unknown>;

interface Incoming {
  id?: number;
  method?: string;
  params?: { items?: unknown[] };
  result?: unknown;
  error?: { code: number; message: string };
}

/** A check takes a fraction of a second; a server that is silent for so long has lost its way. */
const PATIENCE = 10_000;

/**
 * Names that would first have to be imported are no help in a cell: they cost a second and complete nothing. And a
 * server left to itself runs `npm install` for types that nobody asked for.
 */
export const SETTINGS = {
  suggest: { autoImports: false, completeFunctionCalls: false },
  preferences: { includeCompletionsForModuleExports: false },
  disableAutomaticTypeAcquisition: true,
  tsserver: { automaticTypeAcquisition: { enabled: false } },
};

/** Client of TypeScript's own language server, `tsc --lsp --stdio`: requests, notifications, nothing of its own. */
export class LanguageServer {
  readonly #process: ChildProcess;
  readonly #pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #received: Buffer = Buffer.alloc(0);
  #nextId = 1;
  #failure: Error | undefined;

  constructor(cwd: string) {
    // Its own process group, or a SIGINT meant for the cell would end it.
    this.#process = spawn(compilerPath(), ['--lsp', '--stdio'], {
      cwd,
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    });
    this.#process.stdout?.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#process.stdin?.on('error', () => {});
    this.#process.once('error', (error) => this.#fail(error));
    this.#process.once('exit', (code, signal) =>
      this.#fail(new Error(`the TypeScript language server ended (${signal ?? code}), and is started anew`)),
    );
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** @throws Error when the server has ended, says no, or says nothing for as long as nobody would wait. */
  request<T>(method: string, params: Params): Promise<T> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      const impatience = setTimeout(() => {
        const limit = `within ${PATIENCE / 1000} s`;
        this.#fail(
          new Error(`the TypeScript language server did not answer ${limit} (${method}), and is started anew`),
        );
        this.stop();
      }, PATIENCE);
      const settle = <V>(how: (value: V) => void) => {
        return (value: V) => {
          clearTimeout(impatience);
          how(value);
        };
      };
      this.#pending.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.#send({ id, method, params });
    });
  }

  notify(method: string, params: Params): void {
    if (this.#failure === undefined) this.#send({ method, params });
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }

  #send(message: Params): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.#process.stdin?.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    for (;;) {
      const headerEnd = this.#received.indexOf('\r\n\r\n');
      if (headerEnd < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#received.toString('latin1', 0, headerEnd))?.[1]);
      const end = headerEnd + 4 + length;
      if (this.#received.length < end) return;
      const message = JSON.parse(this.#received.toString('utf8', headerEnd + 4, end)) as Incoming;
      this.#received = this.#received.subarray(end);
      this.#handle(message);
    }
  }

  #handle(message: Incoming): void {
    if (message.id === undefined) return;
    if (message.method !== undefined) {
      const result = message.method === 'workspace/configuration' ? message.params?.items?.map(() => SETTINGS) : null;
      this.#send({ id: message.id, result });
      return;
    }
    const waiting = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.error === undefined) waiting?.resolve(message.result);
    else waiting?.reject(new Error(message.error.message));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#pending.clear();
  }
}

/** The native compiler of this kernel's own typescript package: starting it needs no Node in between. */
function compilerPath(): string {
  const require = createRequire(import.meta.url);
  const typescript = createRequire(require.resolve('typescript/package.json'));
  const name = `@typescript/typescript-${process.platform}-${process.arch}`;
  const root = join(typescript.resolve(`${name}/package.json`), '..');
  return join(root, 'lib', process.platform === 'win32' ? 'tsc.exe' : 'tsc');
}
