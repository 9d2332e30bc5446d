/** A purge begins an epoch. Whatever was found in an earlier one may be the state before the purge. */
export interface Epochs {
  /** The present one, to be noted before a look-up begins. */
  now(): number;
  /** To be called when a purge begins, with what it is about. */
  begin(includes: (source: string) => boolean): void;
  /** True when a purge of any of these originals began after that epoch. */
  isOver(epoch: number, sources: readonly string[]): boolean;
}

/** Purges remembered: a request that was overtaken by more than these between look-up and delivery looks up again. */
const rememberedPurges = 100;

export function createEpochs(): Epochs {
  let epoch = 0;
  let recent: readonly ((source: string) => boolean)[] = [];
  return {
    now: () => epoch,
    begin(includes) {
      epoch += 1;
      recent = [...recent, includes].slice(-rememberedPurges);
    },
    isOver(noted, sources) {
      const since = epoch - noted;
      if (since > recent.length) return true;
      return since > 0 && recent.slice(-since).some((includes) => sources.some(includes));
    },
  };
}
