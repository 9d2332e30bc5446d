/** Runs tasks of one key one after another, tasks of different keys side by side. */
export interface KeyLock {
  run<Result>(key: string, task: () => Promise<Result>): Promise<Result>;
}

/** The last task of each key that is not done. */
type LastTasks = Map<string, Promise<unknown>>;

/** Orders the writers of this process; between processes only the rename is atomic. */
export function createKeyLock(): KeyLock {
  const last: LastTasks = new Map();
  return { run: (key, task) => runAfterLast(last, key, task) };
}

async function runAfterLast<Result>(last: LastTasks, key: string, task: () => Promise<Result>): Promise<Result> {
  const before = last.get(key) ?? Promise.resolve();
  const mine = before.then(task, task);
  last.set(key, mine);
  try {
    return await mine;
  } finally {
    if (last.get(key) === mine) last.delete(key);
  }
}
