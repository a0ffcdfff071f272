import { readFile } from 'node:fs/promises';
import { History } from './history.ts';
import { CellNames, warmUp, type NotebookTypes } from './language/index.ts';
import { commInfo, commMessage, type OpenComms } from './messages/comm.ts';
import { complete } from './messages/complete.ts';
import { Executor, type ExecutionState } from './messages/execute.ts';
import { debug, DumpedCells } from './messages/debug.ts';
import { history } from './messages/history.ts';
import { inspect } from './messages/inspect.ts';
import { isComplete } from './messages/is-complete.ts';
import { kernelInfo } from './messages/kernel-info.ts';
import {
  errorReply,
  textField,
  type Content,
  type Handler,
  type KernelContext,
  type OutputMode,
  type Subshells,
} from './messages/kernel.ts';
import { createSubshell, deleteSubshell, listSubshell } from './messages/subshell.ts';
import { OutputPublisher } from './output.ts';
import { launchSession, SessionProcess, type LaunchedSession } from './session/process.ts';
import type { CommMessage, FromSession, MimeBundle } from './session/protocol.ts';
import { SendTimes } from './wire/clock.ts';
import type { ConnectionInfo, ControlSocket, Header, Message, ShellSocket, Sockets } from './wire/index.ts';

/** How many cells back late output still finds its cell. */
const REMEMBERED = 10_000;

/** So many messages may wait to be sent; the session waits meanwhile. */
const MOST_UNSENT = 1000;

interface AdoptedCell {
  request: Message;
  mode: OutputMode;
  count: number;
  result?: MimeBundle;
}

/** What starts while the kernel's own modules are still being read. */
export interface KernelParts {
  info: ConnectionInfo;
  /** Bound already. */
  sockets: Sockets;
  types: NotebookTypes;
  /** The first session's process. */
  launched: LaunchedSession;
  folder: string;
}

type Reply = (request: Message, content: Content) => void;

/** One kernel: its sockets, its session process, its type server, and the way of messages between them. */
export class Kernel implements KernelContext {
  readonly folder: string;
  readonly types: NotebookTypes;
  readonly names = new CellNames();
  readonly output: OutputPublisher;
  session: SessionProcess;
  readonly #ports: Content;
  readonly #sockets: Sockets;
  readonly history: History;
  readonly comms: OpenComms = new Map();
  readonly dumped = new DumpedCells();
  readonly debugging = { attached: false, stopped: false };
  #debugEvents = 0;
  readonly #execution: ExecutionState = { executionCount: 0, check: 'on', hints: new Set() };
  readonly #executor: Executor;
  readonly #subshells = new Map<string, Executor>();
  readonly #cells = new Map<number, AdoptedCell>();
  readonly #running = new Set<Message>();
  readonly #times = new SendTimes();
  #latestCell = 0;

  constructor({ info, sockets, types, launched, folder }: KernelParts) {
    this.folder = folder;
    this.#sockets = sockets;
    const { shell_port, control_port, iopub_port, stdin_port, hb_port } = info;
    this.#ports = { shell_port, control_port, iopub_port, stdin_port, hb_port };
    this.output = new OutputPublisher(sockets.iopub);
    this.session = this.#startSession(launched);
    this.types = types;
    this.history = new History((line) => this.log(line));
    this.#executor = this.#newExecutor();
  }

  readonly subshells: Subshells = {
    create: (id) => void this.#subshells.set(id, this.#newExecutor()),
    list: () => [...this.#subshells.keys()],
    delete: (id) => this.#subshells.delete(id),
  };

  #newExecutor(): Executor {
    return new Executor(this, this.#execution, (request) => {
      this.#running.add(request);
      this.#status(request.header, 'busy');
    });
  }

  /** Answers from now on. */
  listen(): void {
    const { heartbeat, iopub, control, shell, stdin } = this.#sockets;
    void heartbeat.listen();
    void iopub.listen();
    void control.listen((message) => void this.#handle(message, control));
    void shell.listen((message) => void this.#handle(message, shell));
    void stdin.listen((message) => {
      if (message.header.msg_type === 'input_reply') {
        this.session.send({ type: 'input', value: textField(message.content, 'value') });
      }
    });
    iopub.publish('status', { execution_state: 'starting' }, undefined);
  }

  readonly #handlers = new Map<string, Handler>(
    Object.entries<Handler>({
      kernel_info_request: () => {
        // Whoever asks will soon send a cell: what reading the first one needs is loaded while the answer travels.
        setTimeout(() => warmUp(this.folder), 1);
        return kernelInfo();
      },
      connect_request: () => ({ status: 'ok', ...this.#ports }),
      complete_request: complete,
      inspect_request: inspect,
      is_complete_request: isComplete,
      history_request: history,
      comm_info_request: commInfo,
      comm_open: commMessage,
      comm_msg: commMessage,
      comm_close: commMessage,
      debug_request: debug,
      create_subshell_request: createSubshell,
      list_subshell_request: listSubshell,
      delete_subshell_request: deleteSubshell,
      // Loaded when it is asked for: few front ends do, and a start need not wait for it.
      usage_request: async (request, kernel) => (await import('./messages/usage.ts')).usage(request, kernel),
      interrupt_request: (_request, kernel) => {
        kernel.interrupt();
        return { status: 'ok' };
      },
      shutdown_request: ({ content }, kernel) => {
        const restart = content['restart'] === true;
        setImmediate(() => kernel.shutdown(restart));
        return { status: 'ok', restart };
      },
    }),
  );

  async #handle(request: Message, socket: ShellSocket | ControlSocket): Promise<void> {
    this.#times.received(request.header);
    const reply: Reply = (to, content) => {
      const type = to.header.msg_type.replace(/_request$/, '_reply');
      socket.send(this.#sockets.codec.message(type, content, { identities: to.identities, parent: to.header }));
    };
    if (request.header.msg_type === 'execute_request') {
      const executor = this.#executorFor(request);
      if (executor === undefined) {
        reply(request, errorReply(new Error(`there is no subshell "${request.header.subshell_id}"`)));
        return;
      }
      const content = await executor.execute(request);
      this.output.flush();
      reply(request, content);
      this.#running.delete(request);
      this.#status(request.header, 'idle');
      return;
    }
    const handler = this.#handlers.get(request.header.msg_type);
    this.#status(request.header, 'busy');
    try {
      if (handler === undefined) this.log(`a message of unknown type was dropped: ${request.header.msg_type}`);
      else {
        const content = await handler(request, this);
        if (content !== undefined) reply(request, content);
      }
    } catch (error) {
      this.log(`${request.header.msg_type} failed: ${(error as Error).stack}`);
      reply(request, errorReply(error));
    }
    this.#status(request.header, 'idle');
    // Answered while a cell computes: the front end must not take the kernel for idle.
    for (const running of this.#running) this.#status(running.header, 'busy');
  }

  received(): Promise<void> {
    return this.#sockets.shell.drained();
  }

  now(): number {
    return Date.now();
  }

  sent(request: Message): number | undefined {
    return this.#times.sent(request.header);
  }

  #executorFor({ header: { subshell_id: id } }: Message): Executor | undefined {
    return id === undefined || id === null ? this.#executor : this.#subshells.get(id);
  }

  #status(parent: Header, state: 'busy' | 'idle'): void {
    this.output.publish(parent, 'status', { execution_state: state });
  }

  #startSession(launched = launchSession(this.folder)): SessionProcess {
    const session: SessionProcess = new SessionProcess(launched, {
      message: (message) => this.#fromSession(message),
      raw: (name, text) => this.output.stream(this.#parentOf(this.#latestCell), name, text),
      died: (ending) => {
        if (session !== this.session || this.#running.size > 0) return;
        const text = `the session process ended (${ending}); variables are lost, and the next cell runs in a fresh session\n`;
        this.output.stream(this.#parentOf(this.#latestCell), 'stderr', text);
        this.restartSession();
      },
    });
    return session;
  }

  restartSession(): void {
    this.session.stop();
    this.types.forget();
    this.names.clear();
    this.comms.clear();
    Object.assign(this.debugging, { attached: false, stopped: false });
    this.session = this.#startSession();
  }

  #fromSession(message: FromSession): void {
    if (message.type === 'ready') this.trace('the session is ready');
    if (message.type === 'debugEvent') {
      const { event, body } = message;
      if (event === 'stopped' || event === 'continued') this.debugging.stopped = event === 'stopped';
      const content = { type: 'event', seq: ++this.#debugEvents, event, body };
      this.output.publish(this.#parentOf(this.#latestCell), 'debug_event', content);
    }
    if (message.type === 'files') this.types.watch(message.paths);
    if (!('cell' in message)) return;
    const { iopub } = this.#sockets;
    if (iopub.waiting > MOST_UNSENT) this.session.holdUntil(iopub.flush());
    const cell = this.#cells.get(message.cell);
    const header = cell?.request.header;
    if (cell !== undefined && cell.mode !== 'shown' && message.type !== 'input' && message.type !== 'comm') {
      if (cell.mode === 'captured' && message.type === 'result') cell.result = message.data;
      return;
    }
    switch (message.type) {
      case 'stream':
        this.output.stream(header, message.name, message.text);
        break;
      case 'display': {
        const { data, metadata, displayId, update } = message;
        const transient = displayId === undefined ? {} : { display_id: displayId };
        this.output.publish(header, update ? 'update_display_data' : 'display_data', { data, metadata, transient });
        break;
      }
      case 'clear':
        this.output.publish(header, 'clear_output', { wait: message.wait });
        break;
      case 'result': {
        const { data, metadata } = message;
        const count = cell?.count ?? 0;
        this.output.publish(header, 'execute_result', { data, metadata, execution_count: count });
        if (typeof data['text/plain'] === 'string') this.history.addOutput(count, data['text/plain']);
        break;
      }
      case 'error':
        this.output.publish(header, 'error', { ...message.report });
        break;
      case 'input':
        if (cell !== undefined) this.askInput(cell.request, message.prompt, message.password);
        break;
      case 'comm':
        this.#publishComm(header, message.comm);
        break;
      case 'publish':
        this.#publishRaw(header, message);
        break;
    }
  }

  #publishComm(header: Header | undefined, { kind, commId, target, data, metadata, buffers }: CommMessage): void {
    if (kind === 'open') this.comms.set(commId, target ?? '');
    if (kind === 'close') this.comms.delete(commId);
    const content = { comm_id: commId, data, ...(kind === 'open' ? { target_name: target } : {}) };
    const bytes = buffers.map((each) => Buffer.from(each.buffer, each.byteOffset, each.byteLength));
    this.output.publish(header, `comm_${kind}`, content, { buffers: bytes, ...(metadata && { metadata }) });
  }

  #publishRaw(header: Header | undefined, message: FromSession & { type: 'publish' }): void {
    const { kind, content, metadata, buffers } = message;
    const id = content['comm_id'];
    if (kind === 'comm_open' && typeof id === 'string') this.comms.set(id, textField(content, 'target_name'));
    if (kind === 'comm_close' && typeof id === 'string') this.comms.delete(id);
    const bytes = buffers.map((each) => Buffer.from(each.buffer, each.byteOffset, each.byteLength));
    this.output.publish(header, kind, content, { metadata, buffers: bytes });
  }

  #parentOf(cell: number): Header | undefined {
    return this.#cells.get(cell)?.request.header;
  }

  adopt(request: Message, mode: OutputMode): number {
    const cell = ++this.#latestCell;
    this.#cells.set(cell, { request, mode, count: this.#execution.executionCount });
    // Output may come late, but not for ever.
    this.#cells.delete(cell - REMEMBERED);
    return cell;
  }

  captured(cell: number): MimeBundle | undefined {
    return this.#cells.get(cell)?.result;
  }

  async readLocalFile(path: string): Promise<string | undefined> {
    return readFile(path, 'utf8').catch(() => undefined);
  }

  askInput(request: Message, prompt: string, password: boolean): void {
    this.output.flush();
    const { identities, header: parent } = request;
    this.#sockets.stdin.send(
      this.#sockets.codec.message('input_request', { prompt, password }, { identities, parent }),
    );
  }

  interrupt(): void {
    for (const executor of [this.#executor, ...this.#subshells.values()]) executor.interrupt();
    this.session.send({ type: 'interrupt' });
  }

  /** Says goodbye and ends the process; a restart is the front end's to make. */
  shutdown(restart: boolean): void {
    this.session.stop();
    this.types.stop();
    this.history.close();
    this.output.publish(undefined, 'shutdown_reply', { restart, status: 'ok' });
    void this.#sockets.close().then(() => setTimeout(() => process.exit(0), 50));
  }

  trace(line: string): void {
    if (process.env['TYPESCRIPT_KERNEL_DEBUG']) this.log(`${performance.now().toFixed(0)} ms: ${line}`);
  }

  log(line: string): void {
    process.stderr.write(`[typescript kernel] ${line}\n`);
  }
}
