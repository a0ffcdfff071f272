import type { Comm, Comms } from './comms.ts';
import { PACKAGE } from '../name.mjs';
import { DISPLAY } from './display.ts';

type State = Record<string, unknown>;
type Listener = (value: unknown) => void;

export interface WidgetOptions {
  /** The front end's half: the source of an ES module as anywidget takes it, with `render({ model, el })`. */
  esm: string;
  css?: string;
  /** What both sides share; each key is set by either and heard by the other. */
  state?: State;
}

/** Version of the Jupyter widgets protocol that the messages below speak. */
const PROTOCOL = '2.1.0';
/** Its front end has loaded `_esm` in the same way since 0.9; which one is installed is the front end's choice. */
const ANYWIDGET = '*';

/** A widget by anywidget's protocol: a comm that carries state both ways, shown wherever it is a cell's result. */
export class Widget {
  readonly #comm: Comm;
  /** What the front end needs to make the widget, besides its state. */
  readonly #model: State;
  readonly #state: State;
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(comms: Comms, { esm, css = '', state = {} }: WidgetOptions) {
    this.#state = { ...state };
    this.#model = {
      _model_module: 'anywidget',
      _model_name: 'AnyModel',
      _model_module_version: ANYWIDGET,
      _view_module: 'anywidget',
      _view_name: 'AnyView',
      _view_module_version: ANYWIDGET,
      _view_count: null,
      _anywidget_id: `${PACKAGE}.Widget`,
      _esm: esm,
      _css: css,
    };
    const data = { state: this.#whole, buffer_paths: [] };
    this.#comm = comms.open('jupyter.widget', data, { metadata: { version: PROTOCOL } });
    this.#comm.onMessage((message) => this.#receive(message as { method?: string; state?: State }));
  }

  get #whole(): State {
    return { ...this.#model, ...this.#state };
  }

  get(key: string): unknown {
    return this.#state[key];
  }

  /** Sets a value here and in the front end. */
  set(key: string, value: unknown): void {
    this.#state[key] = value;
    this.#comm.send({ method: 'update', state: { [key]: value }, buffer_paths: [] });
  }

  /** Calls back whenever the front end changes the value. @returns a function that ends it */
  onChange(key: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  close(): void {
    this.#comm.close();
  }

  [DISPLAY](): Record<string, unknown> {
    return {
      'application/vnd.jupyter.widget-view+json': { version_major: 2, version_minor: 1, model_id: this.#comm.id },
      'text/plain': `<widget ${Object.keys(this.#state).join(', ')}>`,
    };
  }

  #receive({ method, state = {} }: { method?: string; state?: State }): void {
    // A page that was loaded anew makes its widgets from this.
    if (method === 'request_state') this.#comm.send({ method: 'update', state: this.#whole, buffer_paths: [] });
    if (method !== 'update') return;
    for (const [key, value] of Object.entries(state)) {
      this.#state[key] = value;
      for (const listener of this.#listeners.get(key) ?? []) listener(value);
    }
  }
}
