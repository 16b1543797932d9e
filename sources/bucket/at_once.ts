// Copyright 2026 the pystd authors. MIT license.

/**
 * Does some work for all items, for several of them at once. After a failure, no
 * work begins; what has begun is waited for.
 *
 * @param items The items.
 * @param most Most items at once.
 * @param work The work for one of them.
 * @throws {Error} The first failure.
 */
export async function atOnce<T>(
  items: readonly T[],
  most: number,
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
  await Promise.all(Array.from({ length: most }, run));
  if (failure !== undefined) throw failure.error;
}
