import { NotebookTypes } from './language/index.ts';
import { complete } from './messages/complete.ts';
import { Executor } from './messages/execute.ts';
import { inspect } from './messages/inspect.ts';
import { isComplete } from './messages/is-complete.ts';
import { kernelInfo } from './messages/kernel-info.ts';
import { errorReply, textField, type Content, type Handler, type KernelContext } from './messages/kernel.ts';
import { OutputPublisher } from './output.ts';
import { SessionProcess } from './session/process.ts';
import type { FromSession } from './session/protocol.ts';
import { address, Codec, ControlSocket, HeartbeatSocket, IopubSocket, ShellSocket, StdinSocket } from './wire/index.ts';
import type { ConnectionInfo, Header, Message } from './wire/index.ts';

type Reply = (request: Message, content: Content) => void;

/** One kernel: its sockets, its session process, its type server, and the way of messages between them. */
export class Kernel implements KernelContext {
  readonly folder: string;
  readonly types: NotebookTypes;
  readonly output: OutputPublisher;
  session: SessionProcess;
  readonly #codec: Codec;
  readonly #shell: ShellSocket;
  readonly #control: ControlSocket;
  readonly #stdin: StdinSocket;
  readonly #iopub: IopubSocket;
  readonly #heartbeat: HeartbeatSocket;
  readonly #executor: Executor;
  readonly #parents = new Map<number, { request: Message; silent: boolean }>();
  #running: Message | undefined;
  #latestCell = 0;

  constructor(info: ConnectionInfo, folder: string) {
    this.folder = folder;
    this.#codec = new Codec(info.key, info.signature_scheme);
    const log = (line: string): void => this.log(line);
    this.#shell = new ShellSocket(this.#codec, log);
    this.#control = new ControlSocket(this.#codec, log);
    this.#stdin = new StdinSocket(this.#codec, log);
    this.#iopub = new IopubSocket(this.#codec, log);
    this.#heartbeat = new HeartbeatSocket(log);
    this.output = new OutputPublisher(this.#iopub);
    this.session = this.#startSession();
    this.types = new NotebookTypes(folder);
    this.#executor = new Executor(this, (request) => {
      this.#running = request;
      this.#status(request.header, 'busy');
    });
  }

  async start(info: ConnectionInfo): Promise<void> {
    await Promise.all([
      this.#shell.bind(address(info, info.shell_port)),
      this.#control.bind(address(info, info.control_port)),
      this.#stdin.bind(address(info, info.stdin_port)),
      this.#iopub.bind(address(info, info.iopub_port)),
      this.#heartbeat.bind(address(info, info.hb_port)),
    ]);
    void this.#heartbeat.listen();
    void this.#iopub.listen();
    void this.#control.listen((message) => void this.#handle(message, this.#control));
    void this.#shell.listen((message) => void this.#handle(message, this.#shell));
    void this.#stdin.listen((message) => {
      if (message.header.msg_type === 'input_reply') {
        this.session.send({ type: 'input', value: textField(message.content, 'value') });
      }
    });
    this.#iopub.publish('status', { execution_state: 'starting' }, undefined);
  }

  readonly #handlers: Record<string, Handler> = {
    kernel_info_request: () => kernelInfo(),
    connect_request: () => ({ status: 'ok' }),
    complete_request: complete,
    inspect_request: inspect,
    is_complete_request: isComplete,
    history_request: () => ({ status: 'ok', history: [] }),
    comm_info_request: () => ({ status: 'ok', comms: {} }),
    interrupt_request: (_request, kernel) => {
      kernel.interrupt();
      return { status: 'ok' };
    },
    shutdown_request: ({ content }, kernel) => {
      const restart = content['restart'] === true;
      setImmediate(() => kernel.shutdown(restart));
      return { status: 'ok', restart };
    },
  };

  async #handle(request: Message, socket: ShellSocket | ControlSocket): Promise<void> {
    const reply: Reply = (to, content) => {
      const type = to.header.msg_type.replace(/_request$/, '_reply');
      socket.send(this.#codec.message(type, content, { identities: to.identities, parent: to.header }));
    };
    if (request.header.msg_type === 'execute_request') {
      const content = await this.#executor.execute(request);
      this.output.flush();
      reply(request, content);
      this.#running = undefined;
      this.#status(request.header, 'idle');
      return;
    }
    const handler = this.#handlers[request.header.msg_type];
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
    if (this.#running !== undefined) this.#status(this.#running.header, 'busy');
  }

  #status(parent: Header, state: 'busy' | 'idle'): void {
    this.output.publish(parent, 'status', { execution_state: state });
  }

  #startSession(): SessionProcess {
    const session: SessionProcess = new SessionProcess(this.folder, {
      message: (message) => this.#fromSession(message),
      raw: (name, text) => this.output.stream(this.#parentOf(this.#latestCell), name, text),
      died: (ending) => {
        if (session !== this.session || this.#running !== undefined) return;
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
    this.session = this.#startSession();
  }

  #fromSession(message: FromSession): void {
    if (message.type === 'files') this.types.watch(message.paths);
    if (!('cell' in message)) return;
    const parent = this.#parents.get(message.cell);
    if (parent?.silent === true && message.type !== 'input' && message.type !== 'comm') return;
    const header = parent?.request.header;
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
        this.output.publish(header, 'execute_result', {
          data,
          metadata,
          execution_count: this.#executor.executionCount,
        });
        break;
      }
      case 'error':
        this.output.publish(header, 'error', { ...message.report });
        break;
      case 'input':
        if (parent !== undefined) this.askInput(parent.request, message.prompt, message.password);
        break;
    }
  }

  #parentOf(cell: number): Header | undefined {
    const parent = this.#parents.get(cell);
    return parent?.request.header;
  }

  adopt(cell: number, request: Message, silent: boolean): void {
    this.#parents.set(cell, { request, silent });
    this.#latestCell = cell;
  }

  askInput(request: Message, prompt: string, password: boolean): void {
    this.output.flush();
    const { identities, header: parent } = request;
    this.#stdin.send(this.#codec.message('input_request', { prompt, password }, { identities, parent }));
  }

  interrupt(): void {
    this.session.send({ type: 'interrupt' });
  }

  /** Says goodbye and ends the process; a restart is the front end's to make. */
  shutdown(restart: boolean): void {
    this.session.stop();
    this.types.stop();
    this.output.publish(undefined, 'shutdown_reply', { restart, status: 'ok' });
    void this.#close();
  }

  async #close(): Promise<void> {
    await Promise.all([this.#iopub.flush(), this.#control.flush(), this.#shell.flush()]);
    for (const socket of [this.#shell, this.#control, this.#stdin, this.#iopub, this.#heartbeat]) socket.close();
    setTimeout(() => process.exit(0), 50);
  }

  log(line: string): void {
    process.stderr.write(`[typescript kernel] ${line}\n`);
  }
}
