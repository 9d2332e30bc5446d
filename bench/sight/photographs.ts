import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A part of a picture, as shares of its sides: left, top, width, height. */
export type Box = readonly [left: number, top: number, width: number, height: number];

/** A photograph, and what people see in it. */
export interface Seen {
  /** In the folder of photographs, of packages as they are unpacked (`photographs.sh`). */
  readonly path: string;
  /** Faces, counted by hand: one that shows an eye at least. */
  readonly faces: number;
  /** What a cut should keep, drawn by hand; undefined where a picture is about nothing in particular. */
  readonly subject?: Box;
}

const backgrounds = 'usr/share/backgrounds';
const nature = `${backgrounds}/mate/nature`;
const science = 'usr/lib/python3/dist-packages/skimage/data';
const people = 'package/demo';

export const photographs: readonly Seen[] = [
  { path: `${people}/sample1.jpg`, faces: 3, subject: [0.18, 0.12, 0.75, 0.88] },
  { path: `${people}/sample2.jpg`, faces: 3, subject: [0.1, 0.02, 0.85, 0.5] },
  { path: `${people}/sample3.jpg`, faces: 3, subject: [0.25, 0.1, 0.68, 0.6] },
  { path: `${people}/sample4.jpg`, faces: 4, subject: [0.05, 0.03, 0.78, 0.55] },
  { path: `${people}/sample5.jpg`, faces: 5, subject: [0.13, 0.03, 0.8, 0.75] },
  { path: `${people}/sample6.jpg`, faces: 4, subject: [0.08, 0.14, 0.85, 0.5] },
  { path: `${science}/astronaut.png`, faces: 1, subject: [0.1, 0.05, 0.62, 0.8] },
  { path: 'usr/share/matplotlib/mpl-data/sample_data/grace_hopper.jpg', faces: 1, subject: [0.25, 0.03, 0.5, 0.6] },
  { path: `${science}/chelsea.png`, faces: 0, subject: [0.28, 0.1, 0.55, 0.85] },
  { path: `${science}/coffee.png`, faces: 0, subject: [0.13, 0.03, 0.67, 0.9] },
  { path: `${science}/rocket.jpg`, faces: 0, subject: [0.44, 0.3, 0.12, 0.7] },
  { path: `${backgrounds}/Dragonfly_by_Bolly.jpg`, faces: 0, subject: [0.46, 0.32, 0.3, 0.4] },
  { path: `${backgrounds}/Kleiber_by_Lukas_Baubkus.jpg`, faces: 0, subject: [0.37, 0.5, 0.18, 0.2] },
  { path: `${backgrounds}/Picture_0B_by_freespace.jpg`, faces: 0, subject: [0.38, 0.33, 0.34, 0.42] },
  { path: `${backgrounds}/Wine_by_Jakkub_Mede.jpg`, faces: 0, subject: [0.05, 0.18, 0.75, 0.65] },
  { path: `${backgrounds}/free_by_Peter_Nerlich.jpg`, faces: 0, subject: [0.25, 0.57, 0.4, 0.3] },
  { path: `${backgrounds}/friends_by_Aitzol_Berasategi.jpg`, faces: 0, subject: [0.28, 0.22, 0.4, 0.4] },
  { path: `${backgrounds}/seeding_by_Clements_Engelhardt.jpg`, faces: 0, subject: [0.12, 0.1, 0.36, 0.45] },
  { path: `${backgrounds}/sunset_by_Aitzol_Berasategi.jpg`, faces: 0, subject: [0.4, 0.35, 0.25, 0.25] },
  { path: `${backgrounds}/Infinite-Sea_by_Aury88.jpg`, faces: 0, subject: [0.35, 0.2, 0.35, 0.6] },
  { path: `${nature}/Aqua.jpg`, faces: 0, subject: [0.53, 0.38, 0.35, 0.47] },
  { path: `${nature}/Garden.jpg`, faces: 0, subject: [0.36, 0.18, 0.64, 0.64] },
  { path: `${nature}/LadyBird.jpg`, faces: 0, subject: [0.64, 0.42, 0.14, 0.2] },
  { path: `${nature}/TwoWings.jpg`, faces: 0, subject: [0.35, 0.28, 0.57, 0.7] },
  { path: `${nature}/YellowFlower.jpg`, faces: 0, subject: [0.55, 0.3, 0.45, 0.7] },
  { path: `${nature}/FreshFlower.jpg`, faces: 0, subject: [0.3, 0.4, 0.35, 0.35] },
  { path: `${science}/cell.png`, faces: 0 },
  { path: `${science}/retina.jpg`, faces: 0 },
  { path: `${science}/motorcycle_left.png`, faces: 0 },
  { path: `${science}/hubble_deep_field.jpg`, faces: 0 },
  { path: `${backgrounds}/Bridge_by_Sander_Klootwijk.jpg`, faces: 0 },
  { path: `${backgrounds}/Fossa_by_Jasper_Roks.jpg`, faces: 0 },
  { path: `${backgrounds}/Painting-Colors_by__herobrine7gamer.jpg`, faces: 0 },
  { path: `${backgrounds}/Picture_1A_by_freespace.jpg`, faces: 0 },
  { path: `${backgrounds}/aitzgorri_by_Aitzol_Berasategi.jpg`, faces: 0 },
  { path: `${backgrounds}/analogpattern_by_Peter_Nerlich.jpg`, faces: 0 },
  { path: `${backgrounds}/greentock_by_Peter_Nerlich.jpg`, faces: 0 },
  { path: `${backgrounds}/life_by_Aitzol_Berasategi.jpg`, faces: 0 },
  { path: `${backgrounds}/picosdeeuropa_by_Aitzol_Berasategi.jpg`, faces: 0 },
  { path: `${backgrounds}/umang_by_Abhishek_Mudgal.jpg`, faces: 0 },
  { path: `${nature}/Blinds.jpg`, faces: 0 },
  { path: `${nature}/Dune.jpg`, faces: 0 },
  { path: `${nature}/GreenMeadow.jpg`, faces: 0 },
  { path: `${nature}/RainDrops.jpg`, faces: 0 },
  { path: `${nature}/Storm.jpg`, faces: 0 },
  { path: `${nature}/Wood.jpg`, faces: 0 },
];

/** Where the packages are unpacked. */
export const photographFolder =
  process.env['BENCH_SIGHT'] ?? fileURLToPath(new URL('../../node_modules/.cache/fovea-sight', import.meta.url));

/** Where a photograph is. */
export function fileOf(path: string): string {
  const file = `${photographFolder}/${path}`;
  if (!existsSync(file)) {
    throw new Error(`There is no ${file}: bench/sight/photographs.sh FOLDER gets them, BENCH_SIGHT names the folder.`);
  }
  return file;
}
