// Loaded before a program that a test starts: it does not outlive the tests, however they end. A run that is bailed out of, or
// killed, runs no clean-up; but the channel between the two processes closes.
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.channel !== undefined) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
}
