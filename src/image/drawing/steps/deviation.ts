/** What a strength of 1–2000 means to a Gaussian: 0.3 to 50 pixels' deviation (100 is 2.8). */
export function deviationOf(strength: number): number {
  return 0.3 + strength / 40;
}
