import { address, type ConnectionInfo } from './connection.ts';
import { ControlSocket } from './control.ts';
import { securityOf } from './curve.ts';
import { HeartbeatSocket } from './heartbeat.ts';
import { IopubSocket } from './iopub.ts';
import { Codec } from './message.ts';
import { ShellSocket } from './shell.ts';
import { StdinSocket } from './stdin.ts';

/** The five sockets of one kernel, and the key and session id that they share. */
export class Sockets {
  readonly codec: Codec;
  readonly shell: ShellSocket;
  readonly control: ControlSocket;
  readonly stdin: StdinSocket;
  readonly iopub: IopubSocket;
  readonly heartbeat: HeartbeatSocket;

  constructor(info: ConnectionInfo, log: (line: string) => void) {
    const security = securityOf(info);
    this.codec = new Codec(info.key, info.signature_scheme);
    this.shell = new ShellSocket(this.codec, log, security);
    this.control = new ControlSocket(this.codec, log, security);
    this.stdin = new StdinSocket(this.codec, log, security);
    this.iopub = new IopubSocket(this.codec, log, security);
    this.heartbeat = new HeartbeatSocket(log, security);
  }

  /**
   * From here on front ends reach the kernel; what they send waits until somebody listens.
   * @throws Error naming the address that cannot be had.
   */
  async bind(info: ConnectionInfo): Promise<void> {
    const bind = async (socket: { bind(address: string): Promise<void> }, port: number): Promise<void> => {
      const wanted = address(info, port);
      try {
        await socket.bind(wanted);
      } catch (error) {
        throw new Error(`the kernel cannot listen at ${wanted}: ${(error as Error).message}`, { cause: error });
      }
    };
    await Promise.all([
      bind(this.shell, info.shell_port),
      bind(this.iopub, info.iopub_port),
      bind(this.control, info.control_port),
      bind(this.stdin, info.stdin_port),
      bind(this.heartbeat, info.hb_port),
    ]);
  }

  async close(): Promise<void> {
    await Promise.all([this.iopub.flush(), this.control.flush(), this.shell.flush()]);
    for (const socket of [this.shell, this.control, this.stdin, this.iopub, this.heartbeat]) socket.close();
  }
}
