// Copyright 2026 the pystd authors. MIT license.

/** Most requests at once about the objects of a folder. */
const AT_ONCE = 16;

/**
 * Does some work for all items, for several of them at once. After a failure, no
 * work begins; what has begun is waited for.
 *
 * @param items The items.
 * @param work The work for one of them.
 * @throws {Error} The first failure.
 */
export async function atOnce<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  let failure: { error: unknown } | undefined;
  const run = async (): Promise<void> => {
    for (const item of queue) {
      if (failure !== undefined) return;
      try {
        await work(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, run));
  if (failure !== undefined) throw failure.error;
}
