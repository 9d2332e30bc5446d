// The package has no types of its own in the version that other packages bring along.
declare module 'color-name' {
  const colours: Readonly<Record<string, readonly [red: number, green: number, blue: number]>>;
  export = colours;
}
