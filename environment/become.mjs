// One process in the place of another: its input and output, its signals, its exit code.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';

function hasTerminal() {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

/** Runs `command` in this process's place. Resolves to its exit code, 128 + the signal's number when a signal ended it. */
export function become(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    // Ctrl-C at a terminal reaches the child by itself: sent again, it would count as a second one.
    const forwarded = hasTerminal() ? ['SIGTERM', 'SIGHUP', 'SIGUSR2'] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'];
    const listeners = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'].map((signal) => {
      const listener = () => void (forwarded.includes(signal) && child.kill(signal));
      process.on(signal, listener);
      return [signal, listener];
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const [name, listener] of listeners) process.off(name, listener);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}
