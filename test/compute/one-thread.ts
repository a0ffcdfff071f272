/** Import first: TensorFlow then computes with one thread, where sums have one order. */
import { threadEnvironment } from '../../lib/compute/threads.ts';

Object.assign(process.env, threadEnvironment(1));
