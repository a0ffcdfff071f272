/** TensorFlow graphs as plain nodes, and the one place that writes them as protocol buffers. */
import { requireFromBinding } from './binding.ts';

/** A generated protocol buffer message: setters by name, no types in the package. */
type Message = Record<string, (...values: unknown[]) => unknown> & { serializeBinary(): Uint8Array };
type MessageClass = new () => Message;
interface Messages {
  [name: string]: MessageClass & Messages;
}
const pb = requireFromBinding('dist/proto/api_pb.js') as Messages;

const message = (name: string, ...path: string[]): Message => {
  const type = path.reduce(
    (outer, inner) => outer[inner] as MessageClass & Messages,
    pb[name] as MessageClass & Messages,
  );
  return new type();
};
const call = (target: Message, setter: string, ...values: unknown[]): void => {
  const method = target[setter];
  if (!method) throw new Error(`protocol buffer message has no ${setter}`);
  method.apply(target, values);
};

/** TensorFlow's DataType numbers. */
export const DATA_TYPE = { float32: 1, uint8: 4, int32: 3, bool: 10, resource: 20 } as const;
export type DataTypeName = keyof typeof DATA_TYPE;
/** Only constants of a step are strings. */
export const STRING_TYPE = 7;
/** Names of what a function takes and returns, by number. */
export const TYPE_NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(DATA_TYPE).flatMap(([name, type]) => (name === 'resource' ? [] : [[type, name]])),
);

/** An attribute value, tagged by the field of AttrValue that holds it. */
export type Attribute =
  | { type: number }
  | { types: number[] }
  | { int: number }
  | { ints: number[] }
  | { float: number }
  | { floats: number[] }
  | { bool: boolean }
  | { string: string }
  | { shape: number[] }
  | { tensor: { dtype: number; shape: number[]; bytes: Uint8Array; strings?: Uint8Array[] } };

export interface GraphNode {
  name: string;
  op: string;
  /** `name`, `name:output`, or `^name` for a control edge. */
  inputs: string[];
  attributes: Record<string, Attribute>;
}

const shapeMessage = (shape: number[]): Message => {
  const proto = message('TensorShape');
  for (const size of shape) {
    const dim = message('TensorShape', 'Dim');
    call(dim, 'setSize', size);
    call(proto, 'addDim', dim);
  }
  return proto;
};

const attributeMessage = (attribute: Attribute): Message => {
  const value = message('AttrValue');
  const list = (setter: string, items: number[]) => {
    const proto = message('AttrValue', 'ListValue');
    call(proto, setter, items);
    call(value, 'setList', proto);
  };
  if ('type' in attribute) call(value, 'setType', attribute.type);
  else if ('types' in attribute) list('setTypeList', attribute.types);
  else if ('int' in attribute) call(value, 'setI', attribute.int);
  else if ('ints' in attribute) list('setIList', attribute.ints);
  else if ('floats' in attribute) list('setFList', attribute.floats);
  else if ('float' in attribute) call(value, 'setF', attribute.float);
  else if ('bool' in attribute) call(value, 'setB', attribute.bool);
  else if ('string' in attribute) call(value, 'setS', Buffer.from(attribute.string));
  else if ('shape' in attribute) call(value, 'setShape', shapeMessage(attribute.shape));
  else {
    const tensor = message('Tensor');
    call(tensor, 'setDtype', attribute.tensor.dtype);
    call(tensor, 'setTensorShape', shapeMessage(attribute.tensor.shape));
    const { bytes, strings } = attribute.tensor;
    if (strings) for (const value of strings) call(tensor, 'addStringVal', value);
    else call(tensor, 'setTensorContent', bytes);
    call(value, 'setTensor', tensor);
  }
  return value;
};

/** A SavedModel (tag `serve`, no checkpoint) that holds the graph, as the bytes of `saved_model.pb`. */
export function savedModelBytes(nodes: readonly GraphNode[]): Uint8Array {
  const graph = message('GraphDef');
  for (const node of nodes) {
    const proto = message('NodeDef');
    call(proto, 'setName', node.name);
    call(proto, 'setOp', node.op);
    for (const input of node.inputs) call(proto, 'addInput', input);
    const attributes = proto.getAttrMap?.() as Map<string, Message>;
    for (const [name, attribute] of Object.entries(node.attributes)) attributes.set(name, attributeMessage(attribute));
    call(graph, 'addNode', proto);
  }
  const versions = message('VersionDef');
  call(versions, 'setProducer', 1882); // GraphDef version of TensorFlow 2.21: ops get their current semantics
  call(graph, 'setVersions', versions);
  const info = message('MetaGraphDef', 'MetaInfoDef');
  call(info, 'addTags', 'serve');
  const meta = message('MetaGraphDef');
  call(meta, 'setMetaInfoDef', info);
  call(meta, 'setGraphDef', graph);
  const saved = message('SavedModel');
  call(saved, 'setSavedModelSchemaVersion', 1);
  call(saved, 'addMetaGraphs', meta);
  return saved.serializeBinary();
}
