export { address, readConnectionFile, type ConnectionInfo } from './connection.ts';
export { ControlSocket } from './control.ts';
export { HeartbeatSocket } from './heartbeat.ts';
export { IopubSocket, type PublishOptions } from './iopub.ts';
export { Codec, PROTOCOL_VERSION, WireError, type Content, type Header, type Message } from './message.ts';
export { ShellSocket } from './shell.ts';
export { StdinSocket } from './stdin.ts';
