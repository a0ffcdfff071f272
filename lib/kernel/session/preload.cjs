// For the worker threads and forked processes of cells, which inherit the session's options: there too any TypeScript
// runs. The session itself, which has this option as well, installs more (main.ts).
const { workerData } = require('node:worker_threads');

const isSession = process.env.KERNEL_NONCE !== undefined || workerData?.inputGate !== undefined;
if (!isSession) require('./workers.ts');
