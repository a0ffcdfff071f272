// npm run bench -- compute: see compute/main.ts.
import { main } from './compute/main.ts';

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
