/** One step of the walk in `src/README.md`: a function, what it calls in that order, and where it stands. */
export interface Step {
  readonly path: string;
  readonly name: string;
  /** What the function above it calls it by, where that is another room's door. */
  readonly calledAs: string;
  readonly steps: readonly Step[];
}

const line = /^( *)- `([^`]+\.ts)` `([\w$]+)`(?: \(`([\w$]+)`\))?/;

/** The steps under a heading: a nested list, whose lines begin with a file of `src` and a function of it. */
export function readWalk(markdown: string, heading: string): readonly Step[] {
  const [, after = ''] = markdown.split(`\n## ${heading}\n`);
  const [section = ''] = after.split('\n## ');
  const root: Step[] = [];
  const open: { readonly depth: number; readonly steps: Step[] }[] = [{ depth: -1, steps: root }];
  for (const text of section.split('\n')) {
    const [, indent, path, name, calledAs] = line.exec(text) ?? [];
    if (indent === undefined || path === undefined || name === undefined) continue;
    while ((open.at(-1)?.depth ?? -1) >= indent.length) open.pop();
    const steps: Step[] = [];
    open.at(-1)?.steps.push({ path, name, calledAs: calledAs ?? name, steps });
    open.push({ depth: indent.length, steps });
  }
  return root;
}
