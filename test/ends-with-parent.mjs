// Loaded before a program that a test starts, so that it never outlives the tests. A run that is killed or bails out
// does no clean-up, but the channel between the two processes closes.
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.channel !== undefined) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
}
