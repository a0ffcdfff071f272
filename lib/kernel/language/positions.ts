/** A place in a text: both from 0, characters in UTF-16 code units, as in the language server protocol. */
export interface Position {
  line: number;
  character: number;
}

export function toPosition(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const line = before.split('\n').length - 1;
  return { line, character: offset - (before.lastIndexOf('\n') + 1) };
}

export function toOffset(text: string, { line, character }: Position): number {
  let start = 0;
  for (let at = 0; at < line; at++) {
    const end = text.indexOf('\n', start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  return Math.min(start + character, text.length);
}

/** Jupyter counts Unicode code points, JavaScript counts UTF-16 code units. */
export function fromCodePoints(text: string, codePoints: number): number {
  let offset = 0;
  for (let at = 0; at < codePoints && offset < text.length; at++) {
    offset += (text.codePointAt(offset) as number) > 0xffff ? 2 : 1;
  }
  return offset;
}

export function toCodePoints(text: string, offset: number): number {
  let count = 0;
  for (let at = 0; at < offset && at < text.length; count++) at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
  return count;
}
