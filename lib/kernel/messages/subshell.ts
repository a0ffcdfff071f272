import { randomUUID } from 'node:crypto';
import { textField, type Content, type Handler } from './kernel.ts';

export const createSubshell: Handler = (_request, { subshells }): Content => {
  const id = randomUUID();
  subshells.create(id);
  return { status: 'ok', subshell_id: id };
};

export const listSubshell: Handler = (_request, { subshells }): Content => ({
  status: 'ok',
  subshell_id: subshells.list(),
});

export const deleteSubshell: Handler = ({ content }, { subshells }): Content => {
  const id = textField(content, 'subshell_id');
  if (subshells.delete(id)) return { status: 'ok' };
  return { status: 'error', ename: 'UnknownSubshell', evalue: `there is no subshell "${id}"`, traceback: [] };
};
