import { readFileSync } from 'node:fs';

/** The connection file that a front end writes and passes by name. */
export interface ConnectionInfo {
  transport: 'tcp' | 'ipc';
  ip: string;
  shell_port: number;
  control_port: number;
  iopub_port: number;
  stdin_port: number;
  hb_port: number;
  key: string;
  signature_scheme: string;
  /** Keys of CurveZMQ in Z85, both or none: with them all that is sent is encrypted. */
  curve_publickey?: string;
  curve_secretkey?: string;
}

const PORTS = ['shell_port', 'control_port', 'iopub_port', 'stdin_port', 'hb_port'] as const;

/** @throws Error naming the file and the field when the file is not a connection file. */
export function readConnectionFile(path: string): ConnectionInfo {
  let info: Partial<ConnectionInfo>;
  try {
    info = JSON.parse(readFileSync(path, 'utf8')) as Partial<ConnectionInfo>;
  } catch (error) {
    throw new Error(`connection file "${path}" cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const missing = [...PORTS, 'ip', 'key'].filter((field) => !(field in info));
  if (missing.length > 0) throw new Error(`connection file "${path}" lacks ${missing.join(', ')}`);
  const { transport = 'tcp', signature_scheme = 'hmac-sha256' } = info;
  if (transport !== 'tcp' && transport !== 'ipc') {
    throw new Error(`connection file "${path}": transport "${String(transport)}" is not known; expected tcp or ipc`);
  }
  if (!info.curve_publickey !== !info.curve_secretkey) {
    throw new Error(`connection file "${path}" has one of curve_publickey and curve_secretkey; expected both or none`);
  }
  return { ...(info as ConnectionInfo), transport, signature_scheme };
}

export function address(info: ConnectionInfo, port: number): string {
  return info.transport === 'ipc' ? `ipc://${info.ip}-${port}` : `tcp://${info.ip}:${port}`;
}
