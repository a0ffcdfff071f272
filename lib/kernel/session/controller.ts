/** The thread beside the user's code: it starts cells through the inspector, interrupts them, and carries messages. */
import { Session } from 'node:inspector';
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { workerData, type MessagePort } from 'node:worker_threads';
import { marked, RUNTIME, unmarked } from '../language/names.ts';
import { interruptChildren } from './children.ts';
import { Debugger } from './debugger.ts';
import { Inflow } from './flow.ts';
import {
  CHANNEL_FD,
  frame,
  isOutput,
  MARK,
  Unframer,
  type CellCode,
  type ErrorReport,
  type FromMain,
  type FromSession,
  type ToSession,
} from './protocol.ts';

interface Remote {
  objectId?: string;
  value?: unknown;
  unserializableValue?: string;
}
interface Evaluated {
  result: Remote;
  exceptionDetails?: {
    exception?: Remote & { className?: string; description?: string };
    text: string;
    /** Both from 0. */
    lineNumber: number;
    columnNumber: number;
    stackTrace?: object;
  };
}

const { port, inputGate, outflow, nonce } = workerData as {
  port: MessagePort;
  inputGate: SharedArrayBuffer;
  outflow: SharedArrayBuffer;
  nonce: string;
};
const gate = new Int32Array(inputGate);

/** An interrupt that a live event loop has not answered by then meets a synchronous loop. */
const UNANSWERED = 40;
/** After a termination without an answer the interrupt is sent again. */
const PATIENCE = 400;
/** A cell that was terminated has this long to end by itself; the inspector may never report it. */
const GRACE = 250;
/** A cell that an interrupt has reached has this long to end; then it is left to itself, and the prompt comes back. */
const CLEAN_UP = 1500;
/** A main thread that has not answered an interrupt for so long is inside native code for nobody knows how long. */
const LOST = 1000 * (Number(process.env['TYPESCRIPT_KERNEL_INTERRUPT_PATIENCE']) || 2);
/** What a cell has sent last may come in so much later than the inspector's word that the cell is done. */
const LATE = 2000;
/** Bytes that the kernel has not taken yet; a cell that has put out more waits. */
const MOST_ON_THE_WAY = 1 << 18;
/** Everything that the inspector hands out is held until it is released. */
const groupOf = (cell: number): string => `cell-${cell}`;
const LOOK = 'look';

const kernel = new Socket({ fd: CHANNEL_FD });
const inflow = new Inflow(outflow, () => kernel.writableLength > MOST_ON_THE_WAY);
kernel.on('drain', () => inflow.drained());
const inspector = new Session();
inspector.connectToMainThread();

const debugging = new Debugger(inspector, (event, body) => send({ type: 'debugEvent', event, body }));
const running = new Set<number>();
/** The cells of processes that are not waited for where they are started. */
const children = new Map<number, number>();
let interrupts = 0;
let answered = 0;
let globalId: string | undefined;

let prints: (FromSession & { type: 'stream' }) | undefined;

/** Prints that came in at one go are sent as one. */
function send(message: FromSession): void {
  if (message.type === 'stream' && prints?.cell === message.cell && prints.name === message.name) {
    prints.text += message.text;
    return;
  }
  flushPrints();
  if (message.type === 'stream') {
    prints = message;
    setImmediate(flushPrints);
  } else kernel.write(frame(message));
}

function flushPrints(): void {
  if (prints !== undefined) kernel.write(frame(prints));
  prints = undefined;
}

function post<T>(method: string, params: object): Promise<T> {
  return new Promise((resolve, reject) => {
    inspector.post(method, params, (error: Error | null, reply?: object) =>
      error === null ? resolve(reply as T) : reject(error),
    );
  });
}

async function run(cell: CellCode): Promise<void> {
  running.add(cell.id);
  port.postMessage({ ...cell, type: 'cell' });
  await debugging.prepare(cell);
  const expression = `${cell.code}\n//# sourceURL=typescript-cell:${cell.id}`;
  const options = { replMode: true, awaitPromise: true, objectGroup: groupOf(cell.id) };
  const { exceptionDetails } = await post<Evaluated>('Runtime.evaluate', { expression, ...options });
  if (exceptionDetails !== undefined && running.has(cell.id)) {
    const { exception, text, stackTrace, lineNumber, columnNumber } = exceptionDetails;
    const refused = exception?.className === 'SyntaxError' && stackTrace === undefined;
    const place = refused ? [lineNumber + 1, columnNumber + 1] : [];
    await callRuntime('fail', cell.id, exception ?? { value: text }, ...place.map((value) => ({ value })));
  }
  await forget(groupOf(cell.id));
  // Whatever a cell has done to the main thread, its end is told.
  for (let waited = 0; waited < LATE && running.has(cell.id); waited += 20) await delay(20);
  if (running.has(cell.id)) endHere(cell.id, damageReport(exceptionDetails));
}

/** For a cell whose end the main thread cannot tell, since what it tells it with was changed. */
function damageReport(details: Evaluated['exceptionDetails']): ErrorReport {
  const { className = 'Error', description } = details?.exception ?? {};
  const note = 'a built-in object that the session needs was changed; restart the kernel to have it back';
  const said = description === undefined ? [] : unmarked(description).split('\n');
  const ename = details === undefined ? 'SessionDamaged' : className;
  return { ename, evalue: said[0] ?? note, traceback: [...said, `\u001b[31mSessionDamaged\u001b[39m: ${note}`] };
}

/** Has the main thread's runtime end a cell. */
async function callRuntime(method: 'fail' | 'failInterrupted', cell: number, ...rest: Remote[]): Promise<void> {
  globalId ??= (await post<Evaluated>('Runtime.evaluate', { expression: 'this' })).result.objectId as string;
  await post('Runtime.callFunctionOn', {
    functionDeclaration: `function (...given) { return ${RUNTIME}.${method}(...given); }`,
    objectId: globalId,
    arguments: [{ value: cell }, ...rest].map(({ objectId, value, unserializableValue }) =>
      objectId !== undefined ? { objectId } : unserializableValue !== undefined ? { unserializableValue } : { value },
    ),
    awaitPromise: true,
    objectGroup: groupOf(cell),
  });
}

/** Lets go of what the inspector holds: objects handed out, and the console's entries, which nobody reads. */
async function forget(objectGroup: string): Promise<void> {
  await Promise.all([
    post('Runtime.releaseObjectGroup', { objectGroup }),
    post('Runtime.discardConsoleEntries', {}),
  ]).catch(() => {});
}

/** Ends a cell without the main thread. */
function endHere(id: number, report: ErrorReport): void {
  if (!running.delete(id)) return;
  send({ type: 'error', cell: id, report });
  mark();
  send({ type: 'done', cell: id, status: 'error', report });
}

async function interrupt(): Promise<void> {
  const serial = ++interrupts;
  const interrupted = [...running];
  const began = performance.now();
  const since = (): number => performance.now() - began;
  wakeInput(-1);
  // A cell that stands at a breakpoint answers nothing.
  await debugging.resume();
  port.postMessage({ type: 'interrupt', serial });
  const isInterrupted = (pid: number): boolean => interrupted.includes(children.get(pid) ?? -1);
  if (children.size > 0) interruptChildren(isInterrupted);
  await delay(interrupted.length > 0 ? UNANSWERED : PATIENCE);
  let terminated = false;
  const unanswered = (): boolean => answered < serial;
  const stillRunning = (): number[] => interrupted.filter((id) => running.has(id));
  // Without a cell that runs it may still be something that a cell began.
  while (unanswered()) {
    // Not awaited: while the thread is inside native code the answer may take as long as that.
    void post('Runtime.terminateExecution', {}).catch(() => {});
    // After that, so that the cell cannot go on where execSync has ended.
    interruptChildren((pid) => !children.has(pid) || isInterrupted(pid));
    for (let waited = 0; waited < PATIENCE && unanswered(); waited += 10) await delay(10);
    // What was ended may have been the very handling of the interrupt, where the thread got no time to begin it.
    if (unanswered()) port.postMessage({ type: 'interrupt', serial });
    terminated = true;
    if (unanswered() && since() > LOST) {
      flushPrints();
      send({ type: 'lost', reason: `it did not answer an interrupt within ${LOST / 1000} s` });
      return;
    }
  }
  if (terminated) {
    await delay(GRACE);
    for (const id of stillRunning()) void callRuntime('failInterrupted', id).catch(() => {});
  }
  while (stillRunning().length > 0 && since() < CLEAN_UP) await delay(20);
  const evalue = 'the cell was interrupted, but caught the interrupt: what it does goes on in the background';
  for (const id of stillRunning()) {
    endHere(id, { ename: 'InterruptError', evalue, traceback: [`\u001b[31mInterruptError\u001b[39m: ${evalue}`] });
  }
}

const LOOKS = {
  members: `function () {
    const names = new Set();
    for (let at = Object(this); at !== null && names.size < 5000; at = Object.getPrototypeOf(at)) {
      if (at === Object.prototype && names.size > 0) break;
      for (const name of Object.getOwnPropertyNames(at)) names.add(name);
    }
    return [...names];
  }`,
  value: `function () { return ${RUNTIME}.describe(this); }`,
};

/** Looks at a value without running anything that has an effect: a getter that does something is left alone. */
async function look({ id, question, argument }: ToSession & { type: 'ask' }): Promise<void> {
  let value: unknown;
  if (question === 'members' || question === 'value') {
    try {
      const { result, exceptionDetails } = await post<Evaluated>('Runtime.evaluate', {
        expression: argument.expression,
        replMode: true,
        silent: true,
        throwOnSideEffect: true,
        timeout: 500,
        objectGroup: LOOK,
      });
      if (exceptionDetails === undefined && result.objectId !== undefined) {
        const call = { functionDeclaration: LOOKS[question], objectId: result.objectId, returnByValue: true };
        value = (await post<Evaluated>('Runtime.callFunctionOn', { ...call, silent: true })).result.value;
      } else if (exceptionDetails === undefined && question === 'value') {
        value = result.unserializableValue ?? JSON.stringify(result.value);
      }
    } catch {
      // Nothing can be seen there.
    }
    await forget(LOOK);
  }
  send({ type: 'answer', id, value });
}

async function unbound(names: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (const name of names) {
    const options = { replMode: true, silent: true, objectGroup: LOOK };
    const look = await post<Evaluated>('Runtime.evaluate', { expression: marked(name), ...options }).catch(
      () => undefined,
    );
    if (look?.exceptionDetails !== undefined) missing.push(name);
  }
  await forget(LOOK);
  return missing;
}

/** Lets a main thread that waits for input go on: 1 with a value, -1 interrupted. */
function wakeInput(state: 1 | -1): void {
  if (Atomics.compareExchange(gate, 0, 0, state) === 0) Atomics.notify(gate, 0);
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function mark(): void {
  for (const fd of [1, 2]) {
    try {
      writeSync(fd, MARK(nonce));
    } catch {
      // A cell that closed its own stdout has nothing more to be waited for there.
    }
  }
}

port.on('message', (message: FromMain) => {
  if (message.type === 'begun') port.postMessage({ type: 'go', cell: message.cell });
  else if (message.type === 'child') children.set(message.pid, message.cell);
  else if (message.type === 'resumes') void debugging.goOn();
  else if (message.type === 'interrupted') answered = Math.max(answered, message.serial);
  else if (message.type === 'end') {
    if (!running.delete(message.cell)) return;
    mark();
    send({ ...message, type: 'done' });
  } else {
    if (message.type === 'ready') kernel.on('data', receive);
    send(message);
    if (isOutput(message)) inflow.received();
  }
});

const unframer = new Unframer<ToSession>();
/** From when the main thread knows what cells call. */
function receive(chunk: Buffer): void {
  for (const message of unframer.push(chunk)) {
    if (message.type === 'run') {
      run(message).catch((error: Error) => {
        // A process that is about to exit has no context any more; its end is reported by the kernel.
        if (/context was destroyed/.test(error.message)) return;
        send({ type: 'stream', cell: message.id, name: 'stderr', text: `the session failed: ${error.message}\n` });
      });
    } else if (message.type === 'interrupt') void interrupt();
    else if (message.type === 'ask' && message.question !== 'comm') {
      if (message.question === 'debug') {
        void debugging.answer(message.argument).then((value) => send({ type: 'answer', id: message.id, value }));
      } else if (message.question === 'unbound') {
        void unbound(message.argument.names).then((value) => send({ type: 'answer', id: message.id, value }));
      } else void look(message);
    } else {
      port.postMessage(message);
      if (message.type === 'input') wakeInput(1);
    }
  }
}
// Without its kernel the session has no reason to be, whatever the main thread is busy with.
kernel.on('close', () => process.kill(process.pid, 'SIGKILL'));
kernel.on('error', () => process.kill(process.pid, 'SIGKILL'));
