/** Runs `task` for each item in their order, at most `width` at a time. No more are begun once one has said false; rejects with the first that fails. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<boolean>,
): Promise<void> {
  let next = 0;
  const work = async () => {
    for (;;) {
      const at = next;
      if (at >= items.length) return;
      next += 1;
      if (!(await task(items[at] as T))) next = items.length; // `as`: at is within the list
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, work));
}
