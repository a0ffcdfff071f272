import { capability } from 'zeromq';
import type { ConnectionInfo } from './connection.ts';

/** Options that every socket of an encrypted kernel is made with; none where the connection file has no keys. */
export interface Security {
  curveServer?: true;
  curvePublicKey?: string;
  curveSecretKey?: string;
}

/** @throws Error where encryption is asked for and this build of ZeroMQ has none: never plain text instead. */
export function securityOf({ curve_publickey: publicKey, curve_secretkey: secretKey }: ConnectionInfo): Security {
  if (!publicKey || !secretKey) return {};
  if (capability.curve !== true) {
    throw new Error('the connection file asks for CurveZMQ encryption, which this build of ZeroMQ lacks');
  }
  return { curveServer: true, curvePublicKey: publicKey, curveSecretKey: secretKey };
}
