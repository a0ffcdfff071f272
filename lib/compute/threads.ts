/** Threads of a process, apart from the backend: who only starts processes must not load TensorFlow. */

/** The environment that makes a child process compute with `threads` threads. */
export function threadEnvironment(threads: number): Record<string, string> {
  const count = String(threads);
  return { OMP_NUM_THREADS: count, TF_NUM_INTRAOP_THREADS: count, TF_NUM_INTEROP_THREADS: count };
}

/** Threads this process computes with: what `threadEnvironment` set, or every core TensorFlow sees. */
export function threadCount(cores: number): number {
  return Number(process.env.TF_NUM_INTRAOP_THREADS) || cores;
}
