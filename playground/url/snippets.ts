import { type Model, pathOf, type Step, valueAt, withNewStep, withOutput, withStep, withValue } from './model.ts';

interface WidthsContext {
  readonly model: Model;
  /** Of the picture that is shown. */
  readonly width: number;
  readonly originalWidth: number;
}

export interface SnippetContext extends WidthsContext {
  readonly origin: string;
  readonly height: number;
  /** What the original shows, in words. */
  readonly alt: string;
  readonly outputKeys: ReadonlySet<string>;
}

export interface Snippet {
  readonly name: string;
  readonly text: string;
}

const usual = [320, 640, 960, 1280, 1920];

/** The same picture in another width, which no dpr multiplies: a height beside it follows. */
export function resized(given: Model, width: number, outputKeys: ReadonlySet<string>): Model {
  const model = withOutput(given, { key: 'dpr', value: undefined, outputKeys });
  const at = sizingStep(model);
  const step = model.steps[at];
  if (step === undefined) {
    const scaling: Step = [
      ['c', 'limit'],
      ['w', String(width)],
    ];
    return withNewStep(model, scaling, outputKeys).model;
  }
  const [before, height] = [Number(valueAt(step, 'w')), Number(valueAt(step, 'h'))];
  const wider = withValue(step, 'w', String(width));
  const scaled = String(Math.max(1, Math.round((height * width) / before)));
  return withStep(model, at, before > 1 && height > 1 ? withValue(wider, 'h', scaled) : wider);
}

/** The last step that scales the picture itself to a width; -1 where none does: a cut has pixels of its own, and a layer a size. */
function sizingStep({ steps }: Model): number {
  let found = -1;
  let isInLayer = false;
  for (const [at, step] of steps.entries()) {
    if (valueAt(step, 'l') !== undefined || valueAt(step, 'u') !== undefined) isInLayer = true;
    else if (!isInLayer && valueAt(step, 'w') !== undefined) found = valueAt(step, 'c') === 'crop' ? -1 : at;
    if (valueAt(step, 'fl')?.split('.').includes('layer_apply')) isInLayer = false;
  }
  return found;
}

/** Widths round the one that is shown, as far as the picture has pixels for them: none are made up. */
export function widthsFor({ model, width, originalWidth }: WidthsContext): readonly number[] {
  const step = model.steps[sizingStep(model)];
  const isFree =
    step !== undefined && (valueAt(model.steps.flat(), 'dpr') !== undefined || Number(valueAt(step, 'w')) === width);
  const most = isFree ? Math.max(width, Math.min(width * 2, originalWidth)) : width;
  const around = [width / 2, width, most].map(Math.round);
  const widths = [...new Set([...around, ...usual.filter((one) => one < most)])].filter((one) => one >= 80);
  return widths.sort((left, right) => left - right);
}

export function snippetsOf(context: SnippetContext): readonly Snippet[] {
  const { alt } = context;
  return withoutWords(context).map(({ name, text }) => ({
    name,
    text: text
      .replaceAll('alt=""', () => `alt="${attributeText(alt)}"`)
      .replace(/^!\[\]/, () => `![${markdownText(alt)}]`),
  }));
}

/** As every language here reads an attribute: none of its signs ends it, or begins an expression. */
function attributeText(text: string): string {
  return text.replace(/[&"<>{}]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function markdownText(text: string): string {
  return text.replace(/[\\[\]<>&`*_!]/g, '\\$&');
}

function withoutWords(context: SnippetContext): readonly Snippet[] {
  const { origin, model, width, height, outputKeys } = context;
  const src = origin + pathOf(model);
  const srcset = srcsetOf(model, context);
  const sizes = `(max-width: ${width}px) 100vw, ${width}px`;
  const box = `width="${width}" height="${height}"`;
  const inFormat = (value: string) => withOutput(model, { key: 'f', value, outputKeys });
  const source = (format: string) =>
    `  <source type="image/${format}" srcset="${srcsetOf(inFormat(format), context)}" sizes="${sizes}">`;
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
        `import Image from 'next/image';\n\nconst loader = ({ src, width }) => \`${origin}/${template(context)}/$` +
        `{src}\`;\n\n<Image loader={loader} src="${model.id}" ${jsxBox(context)} sizes="${sizes}" alt="" />`,
    },
    { name: 'Nuxt', text: `<NuxtImg provider="none" src="${src}"\n  ${box} sizes="${sizes}" alt="" loading="lazy" />` },
    {
      name: 'Astro',
      text:
        `---\nconst at = (width) => \`${origin}/${template(context)}/${model.id}\`;\nconst srcset = ${list(context)}.map((width) => \`$` +
        `{at(width)} $` +
        `{width}w\`).join(', ');\n---\n<img src={at(${width})} srcset={srcset} sizes="${sizes}" ${box} alt="" loading="lazy" />`,
    },
    {
      name: 'Svelte',
      text:
        `<script>\n  const at = (width) => \`${origin}/${template(context)}/${model.id}\`;\n  const srcset = ${list(context)}.map((width) => \`$` +
        `{at(width)} $` +
        `{width}w\`).join(', ');\n</script>\n\n<img src={at(${width})} {srcset} sizes="${sizes}" ${box} alt="" loading="lazy" />`,
    },
    {
      name: 'Vue',
      text:
        `<script setup>\nconst at = (width) => \`${origin}/${template(context)}/${model.id}\`;\nconst srcset = ${list(context)}.map((width) => \`$` +
        `{at(width)} $` +
        `{width}w\`).join(', ');\n</script>\n\n<template>\n  <img :src="at(${width})" :srcset="srcset" sizes="${sizes}" ${box} alt="" loading="lazy" />\n</template>`,
    },
    {
      name: 'unpic',
      text: `import { Image } from '@unpic/react/base';\nimport { createUnpicTransformer } from '@fovea/url';\n\nconst transformer = createUnpicTransformer({ base: '${origin}' });\n\n// ${step === '' ? 'the original' : step}\n<Image src="${model.id}" ${jsxBox(context)} layout="constrained" transformer={transformer} alt="" />`,
    },
  ];
}

function srcsetOf(model: Model, context: SnippetContext): string {
  // A comma within a URL is its own: one that parts candidates is followed by a space.
  const { origin, outputKeys } = context;
  return widthsFor(context)
    .map((one) => `${origin}${pathOf(resized(model, one, outputKeys))} ${one}w`)
    .join(',\n    ');
}

function stepText({ steps }: Model): string {
  return steps.map((step) => step.map(([key, value]) => `${key}_${value}`).join(',')).join('/');
}

/** The transformation with a variable for its width; a fixed height would not follow, so its shape is said in its place. */
function template({ model, outputKeys }: SnippetContext): string {
  const marked = resized(model, 1234, outputKeys);
  const at = sizingStep(marked);
  const step = marked.steps[at] ?? [];
  const original = model.steps[sizingStep(model)];
  const [w, h] = [Number(valueAt(original, 'w')), valueAt(original, 'h')];
  const shaped = h === undefined || !(w > 0) ? step : withValue(withValue(step, 'h', undefined), 'ar', `${w}:${h}`);
  return stepText(withStep(marked, at, withValue(shaped, 'w', '$' + '{width}')));
}

function list(context: SnippetContext): string {
  return `[${widthsFor(context).join(', ')}]`;
}

function jsxBox({ width, height }: SnippetContext): string {
  return `width={${width}} height={${height}}`;
}
