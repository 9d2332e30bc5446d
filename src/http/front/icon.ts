/** A PNG of 32 × 32 pixels with a palette: browsers ask for it as /favicon.ico, unasked. */
export const icon: Uint8Array = Buffer.from(
  [
    'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgBAMAAACBVGfHAAAAMFBMVEVMaXEubl0ub10ubl0sbGwub10vaVsvb1739/Rolons',
    '7+zb5N9Gf2+owbjF1c+LraNnLdGzAAAAB3RSTlMAgudIArwIh2eJfgAAAAlwSFlzAAALEwAACxMBAJqcGAAAAMpJREFUKM9j',
    'YMAKnEXViwJNEPxE9XIgKBKD8ZnBfKCIAYTPIl4OBYUOYAHXcjgIAQuIIwQKwSaAWHN3rb4JokGmJAHpcx1A8AbIUIPoqFwB',
    'EuiaDtbDArTzVAcYrAHa7AA24gVEoA9sCCNQR0dH9/TKHR0dQD0CDKzl5bUdHXvKy093dFwvLw9gYCovrwbLAdVtLy9XYGAv',
    'L6/q6AC5oaNjeXl5AaYAhhYMQzGsxXAYhtMxPIfpfYwAwghCzEDGiAaMiMKMSszIRgYA0Tux1yqjStQAAAAASUVORK5CYII=',
  ].join(''),
  'base64',
);
