import { Connection } from './connection.ts';
import { NotebookServer } from './server.ts';

/** Serves an editor over stdin and stdout until it goes. */
export function serve(): void {
  const server = new NotebookServer();
  server.connection = new Connection(process.stdin, process.stdout, (message) => server.handle(message));
  process.stdin.once('end', () => process.exit(0));
}
