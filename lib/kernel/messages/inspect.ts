import { readCell, toPosition } from '../language/index.ts';
import { cursorOf } from './complete.ts';
import type { Content, Handler } from './kernel.ts';

interface Hover {
  contents: { kind: string; value: string } | string;
}

export const inspect: Handler = async (request, { types }): Promise<Content> => {
  const { code, offset } = cursorOf(request);
  const hover = await types.ask<Hover | null>('textDocument/hover', readCell(code), toPosition(code, offset));
  const text = typeof hover?.contents === 'string' ? hover.contents : (hover?.contents.value ?? '');
  // A name that is bound nowhere is of type any, and says no more than that.
  if (text === '' || /^```typescript\nany\n```\s*$/.test(text))
    return { status: 'ok', found: false, data: {}, metadata: {} };
  const plain = text.replace(/^```\w*\n?/gm, '').trim();
  return { status: 'ok', found: true, data: { 'text/plain': plain, 'text/markdown': text }, metadata: {} };
};
