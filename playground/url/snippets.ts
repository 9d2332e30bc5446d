import { type Model, pathOf, valueAt, withOutput, withStep, withValue } from './model.ts';

export interface SnippetContext {
  readonly origin: string;
  readonly model: Model;
  /** Of the picture that is shown. */
  readonly width: number;
  readonly height: number;
  readonly outputKeys: ReadonlySet<string>;
}

export interface Snippet {
  readonly name: string;
  readonly text: string;
}

const usual = [320, 640, 960, 1280, 1920];

/** The same picture in another width: a height beside it follows. */
export function resized(model: Model, width: number): Model {
  const at = model.steps.findLastIndex((step) => valueAt(step, 'w') !== undefined);
  const step = model.steps[at];
  if (step === undefined)
    return {
      ...model,
      steps: [
        [
          ['c', 'limit'],
          ['w', String(width)],
        ],
        ...model.steps,
      ],
    };
  const [before, height] = [Number(valueAt(step, 'w')), Number(valueAt(step, 'h'))];
  const wider = withValue(step, 'w', String(width));
  const scaled = String(Math.max(1, Math.round((height * width) / before)));
  return withStep(model, at, before > 1 && height > 1 ? withValue(wider, 'h', scaled) : wider);
}

/** Widths round the one that is shown. */
export function widthsFor(width: number): readonly number[] {
  const around = width > 0 ? [width / 2, width, width * 2].map(Math.round) : [];
  const widths = [...new Set([...around, ...usual.filter((one) => one < width * 2)])].filter((one) => one >= 80);
  return widths.sort((left, right) => left - right);
}

export function snippetsOf(context: SnippetContext): readonly Snippet[] {
  const { origin, model, width, height, outputKeys } = context;
  const src = origin + pathOf(model);
  const srcset = srcsetOf(origin, model, width);
  const sizes = `(max-width: ${width}px) 100vw, ${width}px`;
  const box = `width="${width}" height="${height}"`;
  const inFormat = (value: string) => withOutput(model, { key: 'f', value, outputKeys });
  const source = (format: string) =>
    `  <source type="image/${format}" srcset="${srcsetOf(origin, inFormat(format), width)}" sizes="${sizes}">`;
  const step = stepText(model);
  return [
    { name: 'img', text: `<img src="${src}" ${box} alt="" loading="lazy" decoding="async">` },
    {
      name: 'srcset',
      text: `<img src="${src}"\n  srcset="${srcset}"\n  sizes="auto, ${sizes}" ${box}\n  alt="" loading="lazy" decoding="async">`,
    },
    {
      name: 'picture',
      text: `<picture>\n${source('avif')}\n${source('webp')}\n  <img src="${origin}${pathOf(inFormat('jpg'))}" ${box} alt="" loading="lazy">\n</picture>`,
    },
    { name: 'Markdown', text: `![](${src})` },
    {
      name: 'Next',
      text:
        `import Image from 'next/image';\n\nconst loader = ({ src, width }) => \`${origin}/${template(model, '$' + '{width}')}/$` +
        `{src}\`;\n\n<Image loader={loader} src="${model.id}" ${jsxBox(context)} sizes="${sizes}" alt="" />`,
    },
    { name: 'Nuxt', text: `<NuxtImg provider="none" src="${src}"\n  ${box} sizes="${sizes}" alt="" loading="lazy" />` },
    {
      name: 'Astro',
      text:
        `---\nconst at = (width) => \`${origin}/${template(model, '$' + '{width}')}/${model.id}\`;\nconst srcset = ${list(width)}.map((width) => \`$` +
        `{at(width)} $` +
        `{width}w\`).join(', ');\n---\n<img src={at(${width})} srcset={srcset} sizes="${sizes}" ${box} alt="" loading="lazy" />`,
    },
    {
      name: 'Svelte',
      text:
        `<script>\n  const at = (width) => \`${origin}/${template(model, '$' + '{width}')}/${model.id}\`;\n  const srcset = ${list(width)}.map((width) => \`$` +
        `{at(width)} $` +
        `{width}w\`).join(', ');\n</script>\n\n<img src={at(${width})} {srcset} sizes="${sizes}" ${box} alt="" loading="lazy" />`,
    },
    {
      name: 'Vue',
      text:
        `<script setup>\nconst at = (width) => \`${origin}/${template(model, '$' + '{width}')}/${model.id}\`;\nconst srcset = ${list(width)}.map((width) => \`$` +
        `{at(width)} $` +
        `{width}w\`).join(', ');\n</script>\n\n<template>\n  <img :src="at(${width})" :srcset="srcset" sizes="${sizes}" ${box} alt="" loading="lazy" />\n</template>`,
    },
    {
      name: 'unpic',
      text: `import { Image } from '@unpic/react/base';\nimport { createUnpicTransformer } from 'fovea/url';\n\nconst transformer = createUnpicTransformer({ base: '${origin}' });\n\n// ${step === '' ? 'the original' : step}\n<Image src="${model.id}" ${jsxBox(context)} layout="constrained" transformer={transformer} alt="" />`,
    },
  ];
}

function srcsetOf(origin: string, model: Model, width: number): string {
  const candidates = widthsFor(width).map((one) => `${origin}${pathOf(resized(model, one))} ${one}w`);
  return candidates.join(',\n    ').replace(/,(?=[^\s])/g, '%2C');
}

function stepText({ steps }: Model): string {
  return steps.map((step) => step.map(([key, value]) => `${key}_${value}`).join(',')).join('/');
}

/** The transformation with a variable for its width; a fixed height would not follow, so its shape is said in its place. */
function template(model: Model, variable: string): string {
  const marked = resized(model, 1234);
  const at = marked.steps.findLastIndex((step) => valueAt(step, 'w') !== undefined);
  const step = marked.steps[at] ?? [];
  const original = model.steps[at];
  const [w, h] = [Number(valueAt(original, 'w')), valueAt(original, 'h')];
  const shaped = h === undefined || !(w > 0) ? step : withValue(withValue(step, 'h', undefined), 'ar', `${w}:${h}`);
  return stepText(withStep(marked, at, withValue(shaped, 'w', variable)));
}

function list(width: number): string {
  return `[${widthsFor(width).join(', ')}]`;
}

function jsxBox({ width, height }: SnippetContext): string {
  return `width={${width}} height={${height}}`;
}
