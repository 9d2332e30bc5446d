type Present<T> = { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
};

/** The same record without its undefined properties, so that equal meaning is equal by deep comparison. */
export function present<T extends object>(record: T): Present<T> {
  const kept: { [Key in keyof T]?: unknown } = {};
  // A plain loop: this runs several times per component of every request.
  for (const key in record) {
    if (record[key] !== undefined) kept[key] = record[key];
  }
  return kept as object as Present<T>;
}
