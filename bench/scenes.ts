import { fileOf } from './sight/photographs.ts';

const backgrounds = 'usr/share/backgrounds';
const nature = `${backgrounds}/mate/nature`;
const science = 'usr/lib/python3/dist-packages/skimage/data';

/**
 * Photographs of Debian packages (lomiri-wallpapers-16.04 and -20.04, mate-backgrounds, python3-skimage, python-matplotlib-data) that
 * the numbers of `q_auto` were chosen with.
 */
const tuned = [
  `${backgrounds}/Bridge_by_Sander_Klootwijk.jpg`,
  `${backgrounds}/Fossa_by_Jasper_Roks.jpg`,
  `${backgrounds}/Infinite-Sea_by_Aury88.jpg`,
  `${backgrounds}/Picture_0B_by_freespace.jpg`,
  `${backgrounds}/aitzgorri_by_Aitzol_Berasategi.jpg`,
  `${backgrounds}/free_by_Peter_Nerlich.jpg`,
  `${backgrounds}/life_by_Aitzol_Berasategi.jpg`,
  `${backgrounds}/picosdeeuropa_by_Aitzol_Berasategi.jpg`,
  `${backgrounds}/seeding_by_Clements_Engelhardt.jpg`,
  `${backgrounds}/umang_by_Abhishek_Mudgal.jpg`,
  `${nature}/Aqua.jpg`,
  `${nature}/Dune.jpg`,
  `${nature}/Garden.jpg`,
  `${nature}/LadyBird.jpg`,
  `${nature}/RainDrops.jpg`,
  `${nature}/TwoWings.jpg`,
  `${nature}/Wood.jpg`,
  `${science}/astronaut.png`,
  'usr/share/matplotlib/mpl-data/sample_data/grace_hopper.jpg',
];

/** Others, which no number was chosen with. */
const unseen = [
  `${backgrounds}/Dragonfly_by_Bolly.jpg`,
  `${backgrounds}/Kleiber_by_Lukas_Baubkus.jpg`,
  `${backgrounds}/Painting-Colors_by__herobrine7gamer.jpg`,
  `${backgrounds}/Picture_1A_by_freespace.jpg`,
  `${backgrounds}/Wine_by_Jakkub_Mede.jpg`,
  `${backgrounds}/analogpattern_by_Peter_Nerlich.jpg`,
  `${backgrounds}/friends_by_Aitzol_Berasategi.jpg`,
  `${backgrounds}/greentock_by_Peter_Nerlich.jpg`,
  `${backgrounds}/sunset_by_Aitzol_Berasategi.jpg`,
  `${nature}/Blinds.jpg`,
  `${nature}/FreshFlower.jpg`,
  `${nature}/GreenMeadow.jpg`,
  `${nature}/Storm.jpg`,
  `${nature}/YellowFlower.jpg`,
  `${backgrounds}/mate/abstract/Elephants.jpg`,
  `${science}/coffee.png`,
  `${science}/motorcycle_left.png`,
  `${science}/rocket.jpg`,
];

/** All photographs, by their paths in the folder. */
export function scenes(): readonly string[] {
  const all = [...tuned, ...unseen];
  for (const path of all) fileOf(path);
  return all;
}
