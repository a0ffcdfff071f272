/** The page of `npm run watch` over HTTP, for this machine alone: 127.0.0.1, a token, the right Host, and GET. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assetOf, frozenPage, livePage } from './page.ts';
import type { LogWatcher } from './reader.ts';
import { curveOf, rowOf } from './rows.ts';

export interface WatchServer {
  /** With the token: open this one. */
  url: string;
  port: number;
  token: string;
  close(): Promise<void>;
}

/** Curves that one request may ask for. */
const MOST_CURVES = 1000;
/** Between two looks at the folders at least, and so many times as long as a look takes: a slow shared disk is not kept busy. */
const LOOK_MS = 1000;
const LOOK_SHARE = 5;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Starts the server. @throws the system's error where the port is taken */
export async function serve(watcher: LogWatcher, { port = 0 }: { port?: number } = {}): Promise<WatchServer> {
  const token = randomBytes(24).toString('base64url');
  const expected = digest(token);
  let timer: NodeJS.Timeout;
  const look = (): void => {
    const started = performance.now();
    watcher.update();
    timer = setTimeout(look, Math.max(LOOK_MS, LOOK_SHARE * (performance.now() - started)));
    timer.unref();
  };
  look();
  const server = createServer((request, response) => {
    try {
      answer(request, response);
    } catch (error) {
      send(response, 500, 'text/plain', (error as Error).message);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const at = (server.address() as AddressInfo).port;
  return { url: `http://127.0.0.1:${at}/?token=${token}`, port: at, token, close: () => closed(server, timer) };

  function answer(request: IncomingMessage, response: ServerResponse): void {
    // A page of another site that resolves to this machine (DNS rebinding) has another Host.
    const hosts = [`127.0.0.1:${at}`, `localhost:${at}`];
    if (!hosts.includes(request.headers.host ?? '')) return send(response, 403, 'text/plain', 'wrong Host');
    if (request.method !== 'GET') return send(response, 405, 'text/plain', 'this page only reads: GET');
    const url = new URL(request.url ?? '/', `http://127.0.0.1:${at}`);
    const given = (request.headers['x-token'] as string | undefined) ?? url.searchParams.get('token') ?? '';
    // Of equal length, compared in constant time.
    if (!timingSafeEqual(digest(given), expected))
      return send(
        response,
        403,
        'text/plain',
        'the token is missing or wrong: open the address that the command printed',
      );
    const json = (value: unknown): void => send(response, 200, 'application/json', JSON.stringify(value));
    switch (url.pathname) {
      case '/':
        return send(response, 200, 'text/html; charset=utf-8', livePage(token));
      case '/runs': {
        const since = Number(url.searchParams.get('since') ?? -1);
        const rows = watcher.runs.filter(({ version }) => version > since).map(rowOf);
        // Of runs whose files are gone the page learns by the list of those that are there.
        const ids = watcher.runs.map(({ id }) => id);
        return json({
          version: watcher.version,
          rows,
          ...(ids.length !== Number(url.searchParams.get('count')) && { ids }),
        });
      }
      case '/curves': {
        const ids = new Set((url.searchParams.get('ids') ?? '').split(',').slice(0, MOST_CURVES).map(Number));
        return json(watcher.runs.filter(({ id }) => ids.has(id)).map(curveOf));
      }
      case '/frozen.html':
        response.setHeader('Content-Disposition', 'attachment; filename="runs.html"');
        return send(response, 200, 'text/html; charset=utf-8', frozenPage(watcher));
      default: {
        const asset = assetOf(url.pathname);
        return asset ? send(response, 200, asset.type, asset.content) : send(response, 404, 'text/plain', 'not found');
      }
    }
  }
}

function send(response: ServerResponse, status: number, type: string, content: string | Buffer): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Security-Policy':
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
  });
  response.end(content);
}

async function closed(server: Server, timer: NodeJS.Timeout): Promise<void> {
  clearTimeout(timer);
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
