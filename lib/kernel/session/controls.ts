import { inspect } from 'node:util';
import type { Comms } from './comms.ts';
import { DISPLAY, viewsOf } from './display.ts';
import type { MimeBundle } from './protocol.ts';
import { Widget } from './widget.ts';

type Kind = 'slider' | 'select' | 'checkbox' | 'text' | 'button' | 'play' | 'progress';

/** One front end's half for all: its state says what it is. */
export const ESM = `export default { render({ model, el }) {
  const get = (key) => model.get(key);
  const make = (tag, given = {}) => Object.assign(document.createElement(tag), given);
  const send = (value) => { model.set('value', value); model.save_changes(); };
  const label = make('label');
  label.style.cssText = 'display: inline-flex; gap: 0.5em; align-items: center; margin: 2px 0';
  const shown = make('output');
  const caption = make('span', { textContent: get('label') ?? '' });
  let input, show, keys = ['value'], timer;
  const kinds = {
    slider() {
      input = make('input', { type: 'range' });
      keys = ['min', 'max', 'step', 'value'];
      show = () => { for (const key of keys) input[key] = get(key); shown.textContent = get('value'); };
      input.addEventListener('input', () => send(input.valueAsNumber));
    },
    select() {
      input = make('select');
      keys = ['options', 'value'];
      show = () => {
        input.replaceChildren(...get('options').map((text) => make('option', { value: text, textContent: text })));
        input.value = get('value');
      };
      input.addEventListener('change', () => send(input.value));
    },
    checkbox() {
      input = make('input', { type: 'checkbox' });
      show = () => { input.checked = get('value'); };
      input.addEventListener('change', () => send(input.checked));
    },
    text() {
      input = make('input', { type: 'text' });
      show = () => { if (input.value !== get('value')) input.value = get('value'); };
      input.addEventListener('input', () => send(input.value));
    },
    button() {
      input = make('button', { type: 'button', textContent: get('label') });
      caption.textContent = '';
      show = () => {};
      input.addEventListener('click', (event) => { event.preventDefault(); send(get('value') + 1); });
    },
    play() {
      input = make('button', { type: 'button' });
      show = () => { input.textContent = timer ? '\\u23F8' : '\\u25B6'; shown.textContent = get('value'); };
      const stop = () => { clearInterval(timer); timer = undefined; show(); };
      const step = () => {
        const next = get('value') + get('step');
        if (next > get('max')) stop(); else send(next);
      };
      input.addEventListener('click', (event) => {
        event.preventDefault();
        if (timer) return stop();
        if (get('value') + get('step') > get('max')) send(get('min'));
        timer = setInterval(step, get('interval'));
        show();
      });
    },
    progress() {
      input = make('progress');
      keys = ['max', 'value'];
      show = () => { input.max = get('max'); input.value = get('value'); shown.textContent = Math.round(100 * get('value') / get('max')) + ' %'; };
    },
  };
  kinds[get('kind')]();
  for (const key of keys) model.on('change:' + key, show);
  model.on('change:label', () => { caption.textContent = get('label'); });
  show();
  label.append(caption, input, shown);
  el.append(label);
  return () => clearInterval(timer);
} };`;

/** A widget with one value. */
export class Control<T> extends Widget {
  constructor(comms: Comms, kind: Kind, state: Record<string, unknown> & { value: T }) {
    super(comms, { esm: ESM, state: { kind, label: '', ...state } });
  }

  get value(): T {
    return this.get('value') as T;
  }

  set value(value: T) {
    this.set('value', value);
  }

  /** Calls back whenever the front end changes the value. @returns a function that ends it */
  onValue(listener: (value: T) => void): () => void {
    return this.onChange('value', (value) => listener(value as T));
  }
}

interface Numbers {
  min?: number;
  max?: number;
  step?: number;
  value?: number;
  label?: string;
}

/** @throws RangeError where the bounds leave no number */
export function slider(
  comms: Comms,
  { min = 0, max = 100, step = 1, value = min, label = '' }: Numbers,
): Control<number> {
  if (!(min <= max) || !(step > 0))
    throw new RangeError(`a slider needs min <= max and a step above 0, not ${min}, ${max}, ${step}`);
  return new Control(comms, 'slider', { min, max, step, value: Math.min(Math.max(value, min), max), label });
}

/** @throws RangeError where there is nothing to choose from, or the value is not among it */
function select(
  comms: Comms,
  { options, value = options[0], label = '' }: { options: readonly string[]; value?: string; label?: string },
): Control<string> {
  if (value === undefined || !options.includes(value)) {
    throw new RangeError(
      `select: ${value === undefined ? 'there are no options' : `${inspect(value)} is none of the options`}`,
    );
  }
  return new Control(comms, 'select', { options: [...options], value, label });
}

/** What cells find as `cell.widgets`. */
export function controls(comms: Comms, host: InteractHost): object {
  return Object.freeze({
    slider: (options: Numbers = {}) => slider(comms, options),
    select: (options: Parameters<typeof select>[1]) => select(comms, options),
    checkbox: ({ value = false, label = '' } = {}) => new Control(comms, 'checkbox', { value, label }),
    text: ({ value = '', label = '' } = {}) => new Control(comms, 'text', { value, label }),
    button: ({ label = 'Run', onClick }: { label?: string; onClick?: (clicks: number) => void } = {}) => {
      const button = new Control(comms, 'button', { value: 0, label });
      if (onClick !== undefined) button.onValue(onClick);
      return button;
    },
    play: ({
      min = 0,
      max = 100,
      step = 1,
      value = min,
      interval = 100,
      label = '',
    }: Numbers & { interval?: number } = {}) => new Control(comms, 'play', { min, max, step, value, interval, label }),
    progress: ({ max = 1, value = 0, label = '' } = {}) => new Control(comms, 'progress', { max, value, label }),
    interact: (run: (values: Record<string, unknown>) => unknown, bound: Record<string, unknown>) =>
      interact(comms, host, run, bound),
  });
}

export interface InteractHost {
  display(data: MimeBundle, displayId?: string, update?: boolean): void;
}

/** The control that an example of a value asks for: numbers slide, truths are checked, texts are chosen or typed. */
function controlFor(comms: Comms, label: string, given: unknown): Control<unknown> {
  if (given instanceof Control) return given as Control<unknown>;
  if (typeof given === 'boolean') return new Control<unknown>(comms, 'checkbox', { value: given, label });
  if (typeof given === 'string') return new Control<unknown>(comms, 'text', { value: given, label });
  if (typeof given === 'number')
    return slider(comms, {
      min: Math.min(0, 2 * given),
      max: Math.max(1, 2 * given),
      value: given,
      label,
    }) as Control<unknown>;
  if (Array.isArray(given) && given.length > 0) {
    const list = given as unknown[];
    if (list.every((each) => typeof each === 'string'))
      return select(comms, { options: list, label }) as Control<unknown>;
    if (list.length <= 3 && list.every((each) => typeof each === 'number')) {
      const [min = 0, max = min, step = 1] = list;
      return slider(comms, { min, max, step, label }) as Control<unknown>;
    }
  }
  throw new TypeError(
    `interact: ${label} is ${inspect(given)}; expected [min, max] or [min, max, step], a number, a boolean, a text, a list of texts, or a widget`,
  );
}

let interactions = 0;

/**
 * Shows controls for the values of a function and, below, what it gives for them: again at every change. While it runs
 * further changes wait, and only the last of them counts.
 */
async function interact(
  comms: Comms,
  host: InteractHost,
  run: (values: Record<string, unknown>) => unknown,
  bound: Record<string, unknown>,
): Promise<Record<string, Control<unknown>>> {
  const made = Object.fromEntries(Object.entries(bound).map(([name, given]) => [name, controlFor(comms, name, given)]));
  const all = Object.values(made);
  for (const control of all) host.display(control[DISPLAY]());
  const displayId = `interact-${process.pid}-${++interactions}`;
  const view = async (): Promise<MimeBundle> => {
    try {
      const values = Object.fromEntries(Object.entries(made).map(([name, control]) => [name, control.value]));
      return (await viewsOf(await run(values))) ?? { 'text/plain': '' };
    } catch (error) {
      return { 'text/plain': error instanceof Error ? `${error.name}: ${error.message}` : inspect(error) };
    }
  };
  host.display(await view(), displayId);
  let isRunning = false;
  let isAsked = false;
  const again = async (): Promise<void> => {
    isAsked = true;
    if (isRunning) return;
    isRunning = true;
    while (isAsked) {
      isAsked = false;
      host.display(await view(), displayId, true);
    }
    isRunning = false;
  };
  for (const control of all) control.onValue(() => void again());
  return made;
}
