import { createHash } from 'node:crypto';
import { mediaTypeOf } from '../../formats.ts';
import { version } from '../../version.ts';

/** What the page has to show. */
export interface PageContent {
  /** Pictures of the sample, made as they are looked at; none where there is no sample, or nobody may ask for it. */
  readonly pictures: readonly PagePicture[];
  /** Pages of our own: where each leads, and its name. */
  readonly links: readonly PageLink[];
  /** The page may ask what a URL means. */
  readonly canExplain: boolean;
}

export interface PagePicture {
  readonly path: string;
  readonly title: string;
  readonly width: number;
  readonly height: number;
}

export interface PageLink {
  readonly path: string;
  readonly name: string;
}

/** Ours alone: no font, script or picture of anybody else, so that the page is whole where there is no other network. */
const style = `
:root { color-scheme: light dark; --ground: #fbfbf9; --ink: #1d1d1f; --quiet: #62625f; --line: #deded9; --accent: #2f6f5e; --checks: #ececE8; }
@media (prefers-color-scheme: dark) { :root { --ground: #161617; --ink: #ececea; --quiet: #a2a29d; --line: #333334; --accent: #7fc4ae; --checks: #222223; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1000px; padding: 32px 16px; background: var(--ground); color: var(--ink); font: 14px/20px system-ui, sans-serif; }
header { display: flex; align-items: baseline; gap: 8px; border-bottom: 1px solid var(--line); padding-bottom: 8px; }
h1, h2 { margin: 0; font-size: 16px; line-height: 24px; font-weight: 500; }
header span { margin-left: auto; color: var(--quiet); font-variant-numeric: tabular-nums; }
p { margin: 16px 0; max-width: 66ch; }
main { display: grid; gap: 32px; }
.pictures { display: grid; gap: 16px; grid-template-columns: repeat(3, 1fr); margin: 0; padding: 0; list-style: none; }
figure { margin: 0; }
.frame { display: grid; place-items: center; height: 200px; border-radius: 6px; overflow: hidden; background: var(--checks); }
.frame img { display: block; width: 100%; height: 100%; object-fit: cover; }
.frame img.round { width: 168px; height: 168px; }
figcaption { padding-top: 8px; color: var(--quiet); }
code { font: 13px/20px ui-monospace, monospace; overflow-wrap: anywhere; }
a { color: var(--accent); text-underline-offset: 3px; }
figcaption a { display: block; padding: 6px 0; }
dl { display: grid; grid-template-columns: minmax(0, 22rem) minmax(0, 1fr); margin: 8px 0 0; }
dt, dd { margin: 0; padding: 6px 0; border-top: 1px solid var(--line); }
dt { padding-right: 16px; }
dd { color: var(--quiet); }
nav ul { display: flex; flex-wrap: wrap; gap: 0 16px; margin: 0; padding: 0; list-style: none; }
nav a { display: inline-block; padding: 6px 0; }
form { display: flex; gap: 8px; margin-top: 8px; }
input, button { font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 6px; padding: 5px 8px; min-height: 32px; }
input { flex: 1; min-width: 0; font-family: ui-monospace, monospace; font-size: 13px; }
button { border-color: var(--accent); color: var(--accent); cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 720px) { .pictures, dl { grid-template-columns: 1fr; } dd { border-top: 0; padding-top: 0; } .frame { height: 220px; } }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** The page's own: nothing of other hosts, no script, no frame around it. */
export const pagePolicy = `default-src 'none'; img-src 'self'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

/** By which anybody learns to write URLs. */
const examples: readonly (readonly [url: string, meaning: string])[] = [
  ['/w_400/picture.jpg', '400 pixels wide'],
  ['/w_400,h_300,g_auto/picture.jpg', 'cut to 400 × 300 round what matters'],
  ['/w_800,f_auto,q_auto/picture.jpg', 'in the best format that the browser takes'],
  ['/e_grayscale/w_400,r_max/picture.jpg', 'step after step: gray, then round'],
  ['/picture.jpg', 'the original'],
];

export function landingPage({ pictures, links, canExplain }: PageContent): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>fovea</title>
<link rel="icon" type="${mediaTypeOf('png')}" href="/favicon.ico">
<style>${style}</style>
</head>
<body>
<header><h1>fovea</h1><span>${version}</span></header>
<main>
<section>
<p>This is an image CDN origin. A URL names a picture and what is to be made of it; it is made when somebody first looks, and kept.</p>
${pictures.length === 0 ? '' : `<ul class="pictures">${pictures.map(pictureItem).join('')}</ul>`}
</section>
<section>
<h2>How a URL is written</h2>
<dl>${examples.map(([url, meaning]) => `<dt><code>${escaped(url)}</code></dt><dd>${escaped(meaning)}</dd>`).join('')}</dl>
</section>
${canExplain ? explainForm : ''}
${links.length === 0 ? '' : `<nav aria-label="Pages"><h2>Where to go</h2><ul>${links.map(linkItem).join('')}</ul></nav>`}
</main>
</body>
</html>
`;
}

const explainForm = `<section>
<h2><label for="url">What a URL means</label></h2>
<form action="/-/explain" method="get"><input id="url" name="url" required placeholder="/w_400,f_auto/picture.jpg" autocomplete="off" spellcheck="false"><button>Explain</button></form>
</section>`;

function pictureItem({ path, title, width, height }: PagePicture): string {
  const [shown, round] = [escaped(path), width === height ? ' class="round"' : ''];
  return `<li><figure><div class="frame"><img${round} src="${shown}" width="${width}" height="${height}" alt="${escaped(title)}"></div><figcaption>${escaped(title)}<a href="${shown}"><code>${breakable(shown)}</code></a></figcaption></figure></li>`;
}

/** May go on in the next line between two parts, and not within one. */
function breakable(path: string): string {
  return path.replace(/[,/](?=.)/g, '$&<wbr>');
}

function linkItem({ path, name }: PageLink): string {
  return `<li><a href="${escaped(path)}">${escaped(name)}</a></li>`;
}

const entities: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[<>&"']/g, (sign) => entities[sign] ?? sign);
}
