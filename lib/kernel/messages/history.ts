import type { Entry } from '../history.ts';
import { textField, type Content, type Handler } from './kernel.ts';

export const history: Handler = ({ content }, { history: kept }): Content => {
  const number = (name: string): number | undefined => {
    const value = content[name];
    return typeof value === 'number' ? value : undefined;
  };
  const find = (): Entry[] => {
    switch (content['hist_access_type']) {
      case 'tail':
        return kept.tail(number('n') ?? 10);
      case 'range':
        return kept.range(number('session') ?? 0, number('start') ?? 0, number('stop'));
      case 'search':
        return kept.search(textField(content, 'pattern') || '*', number('n'), content['unique'] === true);
      default:
        return [];
    }
  };
  const withOutput = content['output'] === true;
  const entries = find().map(({ session, line, input, output }) => [
    session,
    line,
    withOutput ? [input, output] : input,
  ]);
  return { status: 'ok', history: entries };
};
