// Owns running a piece of work several times in parallel, so that the first failure stops the others.

/**
 * Runs `work` `count` times in parallel. When one of them throws, `halt` is set, the others finish, and the first error
 * is thrown: nothing is still running after this function has returned.
 */
export async function runWorkers(count: number, halt: AbortController, work: () => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  const guarded = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failures.push(error);
      halt.abort();
    }
  };
  await Promise.all(Array.from({ length: count }, guarded));
  if (failures.length > 0) throw failures[0];
}
