import { isFailure } from '../../../src/failure.ts';
import { type DialectName, defaultGrammarOptions, parseTarget } from '../../../src/grammar/index.ts';

/** Of the longest request line that is read: 8 kB. */
const fill = (piece: string) => piece.repeat(Math.floor(8192 / piece.length));

/** Targets that a parser with a loop in a loop would be slow at. */
export const hostileTargets: readonly string[] = [
  fill('w_1,'),
  fill('w_1/'),
  fill('/'),
  fill(','),
  fill('_'),
  fill('%25'),
  fill('%'),
  fill('a_'),
  fill('l_a/'),
  fill('l_a,fl_layer_apply/'),
  fill('$a_1,'),
  fill('%2C'),
  fill('w_1%2C'),
  fill('a%2F'),
  `$a_!${'x'.repeat(500)}!/${fill('w_$a,')}`,
  `$a_9/w_${fill('$a_')}`,
  `$a_9/l_text:A_9:${fill('$(a)')}`,
  `pg_${fill('1;')}`,
  `e_replace_color${fill(':rgb')}`,
  fill('s--'),
  `w_${fill('iw_add_')}`,
  `w_${fill('1')}`,
  `w_0.${fill('1')}`,
  `e_blur${fill(':1')}`,
  `r_1${fill(':1')}`,
  `a_${fill('90.')}`,
  `a_${fill('hflip.')}`,
  `fl_${fill('lossy.')}`,
  fill('fl_png8.attachment:a,'),
  `t_${fill('a.')}`,
  `q_${fill('auto:')}`,
  `b_${fill('rgb:')}`,
  `l_${fill('a:')}`,
  `l_text:${fill('a_1_')}`,
  `l_text:Arial_20:${fill('%25')}`,
  `l_text:Arial_20:${fill('%2525')}`,
  `l_text:Arial_20${fill('_bold')}:a`,
  `l_text:Arial_20${fill('_letter_spacing_1')}:a`,
  `d_${fill('a:')}`,
  `bo_${fill('px_solid_')}`,
  fill('e_improve:indoor,'),
  fill('t_a.a.a.a.a.a/'),
  fill('t_none,'),
].flatMap((hostile) => [`/${hostile}/x.jpg`, `/image/upload/${hostile}`]);

const inBase64 = (text: string) => Buffer.from(text).toString('base64url').slice(0, 8192);

/** The same in the dialects of other programs. */
export const hostileInDialects: readonly (readonly [dialect: DialectName, target: string])[] = [
  ['imgproxy', `/unsafe/${fill('rs:fit/')}plain/x.jpg`],
  ['imgproxy', `/unsafe/rs${fill(':1')}/plain/x.jpg`],
  ['imgproxy', `/unsafe/${fill('A/')}x`],
  ['imgproxy', `/${fill('A')}/plain/x.jpg`],
  ['imgproxy', `/unsafe/plain/${fill('%2540')}`],
  ['thumbor', `/unsafe/${fill('fit-in/')}x.jpg`],
  ['thumbor', `/unsafe/filters${fill(':blur(1)')}/x.jpg`],
  ['thumbor', `/unsafe/filters:a${fill('(')}/x.jpg`],
  ['thumbor', `/unsafe/filters:a(${fill(',')})/x.jpg`],
  ['imagor', `/unsafe/${'filters:image('.repeat(480)}x.png${')/x'.repeat(480)}/x.jpg`],
  ['imagor', `/unsafe/${'filters:image(/'.repeat(370)}x.png${')/x.png'.repeat(370)}/x.jpg`],
  ['imagor', `/${fill('aA1')}/x.jpg`],
  ['imagekit', `/x.jpg?tr=${fill(':')}`],
  ['imagekit', `/x.jpg?tr=${fill('l-image,')}`],
  ['imagekit', `/x.jpg?tr=${fill('w-1,')}`],
  ['imagekit', `/x.jpg?tr=w-iw${fill('_add_1')}`],
  ['imgix', `/x.jpg?mark=x.png&mark-base=${fill('/')}x`],
  ['imgix', `/x.jpg?w=1&crop=${fill('top,')}&fit=crop&h=1`],
  ['imgix', `/x.jpg?${fill('w=1&')}`],
  ['imgix', `/x.jpg?dl=${fill('.')}`],
  ['sanity', `/images/${fill('a-1x1.jpg/')}`],
  ['storyblok', `/x.jpg/m/filters:${fill('a')}`],
  ['storyblok', `/x.jpg/m/filters:${fill('a(')}`],
  ['storyblok', `/x.jpg/m/filters:a(${fill('b')}`],
  ['shopify', `/${fill('_1x')}.jpg`],
  ['photon', `/x.jpg?crop=${fill('1,')}`],
  ['query', `/x.jpg?w=${fill('1')}`],
  ['dit', `/${inBase64(`{"key":"x.jpg","edits":${'['.repeat(6000)}`)}`],
  ['dit', `/${inBase64(`{"key":"x.jpg","edits":{${'"a":1,'.repeat(900)}"a":1}}`)}`],
];

/** Reads one as a server with a preset does, or refuses it. */
export function readOrRefuse(target: string, dialect?: DialectName): void {
  const { dialects: usual } = defaultGrammarOptions;
  const dialects = dialect === undefined ? usual : [dialect];
  try {
    parseTarget(target, { ...defaultGrammarOptions, dialects, presets: { a: 'w_1/w_2/w_3' } });
  } catch (error) {
    if (!isFailure(error, 'invalid')) throw error;
  }
}
