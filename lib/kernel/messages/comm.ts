import { textField, type Content, type Handler, type KernelContext, type Message } from './kernel.ts';

/** Comms that are open, by id, with the target each was opened for. */
export type OpenComms = Map<string, string>;

export const commInfo: Handler = ({ content }, { comms }): Content => {
  const wanted = textField(content, 'target_name');
  const entries = [...comms].filter(([, target]) => wanted === '' || target === wanted);
  return { status: 'ok', comms: Object.fromEntries(entries.map(([id, target]) => [id, { target_name: target }])) };
};

/** comm_open, comm_msg and comm_close have no reply; idle comes when the session's handlers have run. */
export const commMessage: Handler = async (request: Message, kernel: KernelContext): Promise<undefined> => {
  const { content, header, buffers } = request;
  const kind = header.msg_type.slice('comm_'.length) as 'open' | 'msg' | 'close';
  const commId = textField(content, 'comm_id');
  const target = textField(content, 'target_name');
  if (kind === 'open') kernel.comms.set(commId, target);
  else if (!kernel.comms.has(commId)) return undefined;
  if (kind === 'close') kernel.comms.delete(commId);
  const cell = kernel.adopt(request, 'shown');
  await kernel.session.ask('comm', { cell, comm: { kind, commId, target, data: content['data'], buffers } });
  return undefined;
};
