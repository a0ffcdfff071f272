// The language server as editors talk to it: transcripts of VS Code's notebooks and of jupyterlab-lsp's documents.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

interface Received {
  id?: number;
  method?: string;
  params?: { uri: string; diagnostics: { range: Range; message: string; code?: number; severity: number }[] };
  result?: unknown;
  error?: { code: number; message: string };
}
interface Range {
  start: { line: number; character: number };
  end: { line: number; character: number };
}

const PATIENCE = 60_000;

class Editor {
  readonly folder = mkdtempSync(join(tmpdir(), 'kernel-lsp-'));
  readonly #server: ChildProcess;
  readonly #messages: Received[] = [];
  #waiting: (() => void)[] = [];
  #text: Buffer = Buffer.alloc(0);
  #id = 0;

  constructor() {
    const bin = fileURLToPath(new URL('../../lib/kernel/bin.mjs', import.meta.url));
    this.#server = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', bin, 'lsp'], {
      cwd: this.folder,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#server.stdout?.on('data', (chunk: Buffer) => {
      this.#text = Buffer.concat([this.#text, chunk]);
      for (;;) {
        const end = this.#text.indexOf('\r\n\r\n');
        const length = Number(/Content-Length: (\d+)/.exec(this.#text.toString('latin1', 0, Math.max(end, 0)))?.[1]);
        if (end < 0 || this.#text.length < end + 4 + length) break;
        this.#messages.push(JSON.parse(this.#text.toString('utf8', end + 4, end + 4 + length)) as Received);
        this.#text = this.#text.subarray(end + 4 + length);
      }
      for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }

  uri(name: string): string {
    return pathToFileURL(join(this.folder, name)).href;
  }

  raw(body: string): void {
    this.#server.stdin?.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  notify(method: string, params: object): void {
    this.raw(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }

  async request<T>(method: string, params: object): Promise<T> {
    const id = ++this.#id;
    this.raw(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    const { result, error } = await this.#wait((message) => message.id === id && message.method === undefined);
    if (error !== undefined) throw new Error(`${error.code}: ${error.message}`);
    return result as T;
  }

  /** The next diagnostics of a document, as line:character code. */
  async diagnostics(uri: string): Promise<string[]> {
    const { params } = await this.#wait(
      ({ method, params: given }) => method === 'textDocument/publishDiagnostics' && given?.uri === uri,
    );
    return (params?.diagnostics ?? []).map(
      ({ range: { start }, code = 0 }) => `${start.line}:${start.character} ${code}`,
    );
  }

  async #wait(wanted: (message: Received) => boolean): Promise<Received> {
    const until = Date.now() + PATIENCE;
    for (;;) {
      const at = this.#messages.findIndex(wanted);
      if (at >= 0) return this.#messages.splice(at, 1)[0] as Received;
      assert.ok(Date.now() < until, 'the server has not answered');
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, 1000);
      this.#waiting.push(resolve);
      await promise;
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#server.once('exit', resolve));
    await this.request('shutdown', {});
    this.notify('exit', {});
    await gone;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

suite('the language server', () => {
  let editor: Editor;
  before(async () => {
    editor = new Editor();
    const { capabilities } = await editor.request<{ capabilities: Record<string, unknown> }>('initialize', {
      processId: process.pid,
      rootUri: pathToFileURL(editor.folder).href,
      capabilities: {},
    });
    assert.ok('notebookDocumentSync' in capabilities && 'hoverProvider' in capabilities);
    editor.notify('initialized', {});
  });
  after(() => editor.close());

  const cells = [
    'const city = { name: "Delft", people: 106_000 };\nfunction grow(by: number) { return city.people + by; }',
    '%time grow(3)\n!ls\nconst files = !ls *.csv\nfiles.length;',
    'const city: string = "a name now";\ncity.toUpperCase();',
    'grow("three");\nconst { length } = city;\nlet wrong: number = length + city;',
    '%tmie 1',
  ];
  const cell = (index: number): string => `vscode-notebook-cell:/n.ipynb#c${index}`;

  test('a notebook: errors where they are, none of magics and redeclarations', async () => {
    editor.notify('notebookDocument/didOpen', {
      notebookDocument: {
        uri: editor.uri('n.ipynb'),
        notebookType: 'jupyter-notebook',
        version: 1,
        cells: [{ kind: 1, document: 'markdown' }, ...cells.map((_, at) => ({ kind: 2, document: cell(at) }))],
      },
      cellTextDocuments: cells.map((text, at) => ({ uri: cell(at), languageId: 'typescript', version: 1, text })),
    });
    const found = await Promise.all(cells.map((_, at) => editor.diagnostics(cell(at))));
    assert.deepEqual(found, [[], [], [], ['0:5 2345', '2:4 2322'], ['0:0 0']]);
  });

  test('hover, completion and signature see the cells above, each name as it is there', async () => {
    const at = (index: number, line: number, character: number): object => ({
      textDocument: { uri: cell(index) },
      position: { line, character },
    });
    const hover = async (place: object): Promise<string> =>
      JSON.stringify(await editor.request('textDocument/hover', place));
    assert.match(await hover(at(2, 1, 1)), /const city: string/);
    assert.match(await hover(at(0, 0, 7)), /people: number/);
    const { items } = await editor.request<{ items: { label: string }[] }>('textDocument/completion', at(2, 1, 7));
    assert.ok(items.some(({ label }) => label === 'toUpperCase'));
    assert.ok(!items.some(({ label }) => label.startsWith('__')));
    assert.match(JSON.stringify(await editor.request('textDocument/signatureHelp', at(3, 0, 5))), /grow\(by: number\)/);
  });

  test('definition, references and rename go across cells until a name is declared anew', async () => {
    const place = (index: number, line: number, character: number): object => ({
      textDocument: { uri: cell(index) },
      position: { line, character },
    });
    const range = (line: number, from: number, to: number): Range => ({
      start: { line, character: from },
      end: { line, character: to },
    });
    assert.deepEqual(await editor.request('textDocument/definition', place(3, 0, 1)), {
      uri: cell(0),
      range: range(1, 9, 13),
    });
    assert.deepEqual(await editor.request('textDocument/definition', place(3, 1, 20)), {
      uri: cell(2),
      range: range(0, 6, 10),
    });
    const { changes } = await editor.request<{ changes: Record<string, { range: Range; newText: string }[]> }>(
      'textDocument/rename',
      { ...place(0, 0, 8), newName: 'town' },
    );
    assert.deepEqual(changes, {
      [cell(0)]: [
        { range: range(0, 6, 10), newText: 'town' },
        { range: range(1, 35, 39), newText: 'town' },
      ],
    });
    const uses = await editor.request<{ uri: string }[]>('textDocument/references', place(2, 0, 8));
    assert.deepEqual(
      uses.map(({ uri }) => uri),
      [cell(2), cell(2), cell(3), cell(3)],
    );
    await assert.rejects(editor.request('textDocument/rename', { ...place(0, 0, 8), newName: '1st' }), /is no name/);
  });

  test('an edit is looked at with all that stands below; a removed cell takes its names with it', async () => {
    editor.notify('notebookDocument/didChange', {
      notebookDocument: { uri: editor.uri('n.ipynb'), version: 2 },
      change: {
        cells: {
          textContent: [
            {
              document: { uri: cell(0), version: 2 },
              changes: [
                {
                  range: { start: { line: 1, character: 18 }, end: { line: 1, character: 24 } },
                  text: 'string',
                },
              ],
            },
          ],
        },
      },
    });
    assert.deepEqual(await editor.diagnostics(cell(3)), ['2:4 2322']);
    editor.notify('notebookDocument/didChange', {
      notebookDocument: { uri: editor.uri('n.ipynb'), version: 3 },
      change: { cells: { structure: { array: { start: 1, deleteCount: 1 }, didClose: [{ uri: cell(0) }] } } },
    });
    assert.deepEqual(await editor.diagnostics(cell(3)), ['0:0 2304', '2:4 2322']);
  });

  test("jupyterlab-lsp's document: cells with blank lines between them", async () => {
    const uri = editor.uri('.virtual_documents/lab.ipynb');
    const text = [
      'let count = 1;\ncount + 1',
      'const shout = (text: string) => {\n\n\n  return text.toUpperCase();\n};',
      "let count = 'now a text';\nshout(count)",
      'shout(5)',
    ].join('\n\n\n');
    editor.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'typescript', version: 1, text } });
    const line = text.split('\n').length - 1;
    assert.deepEqual(await editor.diagnostics(uri), [`${line}:6 2345`]);
    const hover = await editor.request<{ range: Range }>('textDocument/hover', {
      textDocument: { uri },
      position: { line: line - 3, character: 7 },
    });
    assert.match(JSON.stringify(hover), /let count: string/);
    assert.equal(hover.range.start.line, line - 3);
    editor.notify('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [{ text: text.replace('shout(5)', "shout('5')") }],
    });
    assert.deepEqual(await editor.diagnostics(uri), []);
    editor.notify('textDocument/didClose', { textDocument: { uri } });
  });

  test('what it does not know it says, and goes on', async () => {
    editor.raw('{ this is no JSON');
    await assert.rejects(editor.request('textDocument/unheardOf', {}), /-32601/);
    assert.equal(
      await editor.request('textDocument/hover', {
        textDocument: { uri: 'file:///nowhere.ts' },
        position: { line: 0, character: 0 },
      }),
      null,
    );
  });
});
