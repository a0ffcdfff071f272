export { readConnectionFile, type ConnectionInfo } from './connection.ts';
export type { ControlSocket } from './control.ts';
export type { IopubSocket, PublishOptions } from './iopub.ts';
export { PROTOCOL_VERSION, type Content, type Header, type Message } from './message.ts';
export type { ShellSocket } from './shell.ts';
export { Sockets } from './sockets.ts';
export { SendTimes } from './clock.ts';
