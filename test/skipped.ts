// A reporter for node --test: one line for each test that was skipped, nothing else.
import type { TestEvent } from 'node:test/reporters';

export default async function* skipped(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { skip, name, file } = event.data;
    if (skip !== undefined && skip !== false) {
      yield `${file ?? ''}: ${name}${typeof skip === 'string' ? `: ${skip}` : ''}\n`;
    }
  }
}
