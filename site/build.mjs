import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';
import { stagePages, writeMarkdown } from './pages.mjs';

// `npm run build`: the site into `dist/`, from the pages as they are in the repository.

stagePages();
await build(fileURLToPath(new URL('.', import.meta.url)));
writeMarkdown(fileURLToPath(new URL('dist', import.meta.url)));
