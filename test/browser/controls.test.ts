// The front end's half of the kernel's controls, in a real browser with a model that says what it is told.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { ESM } from '../../lib/kernel/session/controls.ts';
import { launch } from './chromium.ts';

type State = Record<string, unknown> & { kind: string };
interface Seen {
  saved: unknown[];
  text: string;
}

suite("the kernel's controls in a browser", () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  /** Draws a control, does something to it, and says what it sent and shows. */
  async function use(state: State, action: string): Promise<Seen> {
    const page = await browser.newPage();
    try {
      return await page.evaluate(
        async (source, given, todo) => {
          const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
          const { default: widget } = (await import(url)) as { default: { render(context: object): void } };
          const saved: unknown[] = [];
          const listeners: Record<string, (() => void)[]> = {};
          const values: Record<string, unknown> = { ...given };
          const model = {
            get: (key: string) => values[key],
            set: (key: string, value: unknown) => {
              values[key] = value;
              for (const listener of listeners[`change:${key}`] ?? []) listener();
            },
            save_changes: () => void saved.push(values['value']),
            on: (event: string, listener: () => void) => void (listeners[event] ??= []).push(listener),
          };
          const el = document.createElement('div');
          document.body.append(el);
          widget.render({ model, el });
          const input = el.querySelector('input, select, button, progress') as HTMLInputElement;
          const [kind, value] = todo.split('=');
          if (kind === 'click') input.click();
          else if (kind === 'model') model.set('value', Number(value));
          else if (kind !== undefined && value !== undefined) {
            input.value = value;
            input.dispatchEvent(new Event(kind));
          }
          // Play goes on by itself: until it has come to its end.
          const until = Date.now() + 20_000;
          while (given['kind'] === 'play' && saved.length < 2 && Date.now() < until) {
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
          return { saved, text: el.textContent };
        },
        ESM,
        state,
        action,
      );
    } finally {
      await page.close();
    }
  }

  const cases: [State, string, unknown[], string][] = [
    [{ kind: 'slider', min: 0, max: 5, step: 1, value: 2, label: 's' }, 'input=4', [4], 's4'],
    [{ kind: 'select', options: ['a', 'b'], value: 'a', label: '' }, 'change=b', ['b'], 'ab'],
    [{ kind: 'checkbox', value: false, label: 'c' }, 'click', [true], 'c'],
    [{ kind: 'text', value: 't', label: 'name' }, 'input=typed', ['typed'], 'name'],
    [{ kind: 'button', value: 0, label: 'Run' }, 'click', [1], 'Run'],
    [{ kind: 'progress', max: 2, value: 0, label: 'p' }, 'model=1', [], 'p50 %'],
  ];
  for (const [state, action, saved, text] of cases) {
    test(`${state.kind}: ${action} is sent and shown`, async () => {
      assert.deepEqual(await use(state, action), { saved, text });
    });
  }

  test('play: counts to its end', async () => {
    const state = { kind: 'play', min: 0, max: 2, step: 1, interval: 20, value: 0, label: '' };
    assert.deepEqual((await use(state, 'click')).saved, [1, 2]);
  });
});
