import { writeFileSync } from 'node:fs';
import type { AcceptCase } from './accept-cases.ts';

// Writes accept-cases.json: `npx tsx test/support/write-accept-cases.ts`. What is expected is known before the header is
// spelt (from weights that the header is then made of) or was decided by hand, so neither parser judges itself.

const paths = [
  '/f_auto/key.jpg',
  '/w_128,h_128,f_auto,q_auto/folder/key.jpg',
  '/image/upload/c_fill,w_300,h_200/f_auto/q_auto/v1/folder/k%C3%A9y.png',
  '/q_auto:best,w_640/key.jpg',
  '/f_webp,w_640/key.jpg',
  '/w_640/key.avif',
  '/t_card/f_auto/key.jpg',
  '/key.jpg',
];

/** What software sends, and what it is to get. */
const observed: readonly (readonly [accept: string | null, format: 'avif' | 'webp' | 'none'])[] = [
  [null, 'none'],
  ['', 'none'],
  ['*/*', 'none'],
  ['image/jxl,image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'avif'],
  ['image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'avif'],
  ['image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5', 'avif'],
  ['image/avif,image/webp,*/*', 'avif'],
  ['image/webp,*/*', 'webp'],
  ['image/webp,image/apng,image/*,*/*;q=0.8', 'webp'],
  ['image/webp,image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5', 'webp'],
  [
    'image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5',
    'avif',
  ],
  ['image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5', 'none'],
  ['image/png,image/*;q=0.8,*/*;q=0.5', 'none'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8', 'avif'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'none'],
  ['text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2', 'none'],
  ['image/gif, image/jpeg, image/pjpeg, application/x-ms-application, */*', 'none'],
  ['image/*', 'none'],
  ['image/avif', 'avif'],
  ['image/webp', 'webp'],
  ['IMAGE/AVIF', 'avif'],
  ['image/avifx', 'none'],
  ['ximage/webp', 'none'],
  ['image/avif;q=1.5', 'none'],
  ['image/avif;q=', 'none'],
  ['image/avif;q', 'none'],
  ['image/avif;q=0.1234', 'none'],
  ['image/avif;q=-1,image/webp', 'webp'],
  ['image/avif;q=1.000', 'avif'],
  ['image/avif;q=0.,image/webp;q=0.0', 'none'],
  ['image/avif;Q=0,image/webp', 'webp'],
  ['image/avif;level=1;q=0.5,image/webp;q=0.4', 'avif'],
  ['image/avif;q=0.3;q=0.9,image/webp;q=0.4', 'webp'],
  ['text/plain;x="image/avif,",image/webp', 'webp'],
  ['text/plain;x="a\\",image/avif,";q=0.5,image/webp', 'webp'],
  ['text/plain;x="image/webp', 'none'],
  ['image/avif;q=0,image/avif', 'avif'],
  ['image/avif;q=0.2,image/webp;q=0.9,image/avif;q=0.95', 'avif'],
  [',,image/avif,,', 'avif'],
  ['image/avif\t;\tq=0.9\t,image/webp;q=0.8', 'avif'],
  ['image/avif image/webp', 'none'],
  ['constructor,__proto__;q=0.5,image/webp', 'webp'],
];

/** Absent, or its weight. */
type Weight = number | undefined;

function formatOf(avif: Weight = 0, webp: Weight = 0, basic: Weight = 0): 'avif' | 'webp' | 'none' {
  const best = Math.max(avif, webp, basic);
  if (avif > 0 && avif === best) return 'avif';
  return webp > 0 && webp === best ? 'webp' : 'none';
}

/** The same weight spelt in one of several ways. */
function range(type: string, weight: Weight, spelling: number): string[] {
  if (weight === undefined) return [];
  const separator = [';q=', '; q=', ' ;Q = ', ';profile="x,y;q=0";q='][spelling % 4] ?? ';q=';
  if (weight === 1 && spelling % 3 !== 0) return [type];
  return [`${type}${separator}${spelling % 2 === 0 ? weight.toFixed(3) : String(weight)}`];
}

function composed(): { readonly accept: string; readonly format: 'avif' | 'webp' | 'none' }[] {
  const weights: readonly Weight[] = [undefined, 0, 0.3, 0.75, 1];
  const basics: readonly (readonly [type: string, weight: Weight])[] = [
    ['image/jpeg', undefined],
    ['*/*', 0.3],
    ['image/*', 0.75],
    ['image/png', 1],
  ];
  let spelling = 0;
  return weights.flatMap((avif) =>
    weights.flatMap((webp) =>
      basics.map(([type, basic]) => {
        spelling += 1;
        const ranges = [
          ...range('image/avif', avif, spelling),
          ...range(spelling % 5 === 0 ? 'Image/WebP' : 'image/webp', webp, spelling + 1),
          ...range(type, basic, spelling + 2),
        ];
        const turned = spelling % 2 === 0 ? ranges : ranges.toReversed();
        return { accept: turned.join([',', ', ', ' , '][spelling % 3]), format: formatOf(avif, webp, basic) };
      }),
    ),
  );
}

const saveDataValues = [null, 'on', null, 'On', 'off', null, 'on', ''];

function cases(): AcceptCase[] {
  const asked = [...observed.map(([accept, format]) => ({ accept, format })), ...composed()];
  const turns = [0, 3, 5];
  return asked.flatMap(({ accept, format }, row) =>
    turns.map((turn) => {
      const saveData = saveDataValues[(row + turn) % saveDataValues.length] ?? null;
      const isLite = saveData?.toLowerCase() === 'on';
      return {
        path: paths[(row * 3 + turn) % paths.length] ?? '/',
        accept,
        saveData,
        token: `${format}${isLite ? '-lite' : ''}` as const,
      };
    }),
  );
}

writeFileSync(new URL('./accept-cases.json', import.meta.url), `${JSON.stringify(cases(), null, 2)}\n`);
