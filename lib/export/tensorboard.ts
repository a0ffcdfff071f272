/** A run as a TensorBoard event file: TFRecords of `Event` messages (tensorflow/core/util/event.proto), written by google-protobuf. */
import protobuf from 'google-protobuf';
import type { Run } from '../runs/index.ts';
import { maskedCrc32c } from './crc32c.ts';

/** Fields of the messages, by number. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const;
const SUMMARY_VALUE = 1;
const VALUE = { tag: 1, simpleValue: 2 } as const;

/** What is logged, by tag. */
const TAGS: Readonly<Record<string, (measure: Run['measures'][number]) => number>> = {
  'train/loss': ({ trainLoss }) => trainLoss,
  'train/accuracy': ({ trainError }) => 1 - trainError,
  'test/loss': ({ testLoss }) => testLoss,
  'test/accuracy': ({ testError }) => 1 - testError,
  'weights/sum_of_squares': ({ l2Norm }) => l2Norm,
  'settings/eta': ({ eta }) => eta,
  'settings/lambda': ({ lambda }) => lambda,
};

const float = new DataView(new ArrayBuffer(4));

function floatBits(value: number): number {
  float.setFloat32(0, value);
  return float.getUint32(0);
}

/** length (uint64 LE), its masked CRC, the bytes, their masked CRC. */
function record(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(bytes.length));
  head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(maskedCrc32c(bytes));
  return Buffer.concat([head, bytes, tail]);
}

/** Wall times are the run's start plus its seconds of computing. Values are float32, as TensorBoard has them; what diverged stays NaN. */
export function eventFile(run: Run): Buffer {
  const started = Date.parse(run.header.startedAt) / 1000;
  const version = new protobuf.BinaryWriter();
  version.writeDouble(EVENT.wallTime, started);
  version.writeString(EVENT.fileVersion, 'brain.Event:2');
  const records = [record(version.getResultBuffer())];
  for (const measure of run.measures) {
    const event = new protobuf.BinaryWriter();
    event.writeDouble(EVENT.wallTime, started + measure.seconds);
    event.writeInt64(EVENT.step, measure.step);
    event.writeMessage(EVENT.summary, TAGS, (tags: typeof TAGS, summary: protobuf.BinaryWriter) => {
      for (const [tag, valueOf] of Object.entries(tags))
        summary.writeMessage(SUMMARY_VALUE, tag, (name: string, value: protobuf.BinaryWriter) => {
          value.writeString(VALUE.tag, name);
          // Of equal bytes on the wire; its writeFloat rounds some numbers to the second nearest.
          value.writeFixed32(VALUE.simpleValue, floatBits(valueOf(measure)));
        });
    });
    records.push(record(event.getResultBuffer()));
  }
  return Buffer.concat(records);
}
