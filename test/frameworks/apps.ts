/** What a recipe leaves to its reader: how a project of this framework begins. */
export interface App {
  /** From the registry, each pinned. */
  readonly packages: Readonly<Record<string, string>>;
  readonly build: string;
  /** Where the built site is. */
  readonly output: string;
  readonly files: Readonly<Record<string, string>>;
}

const vite = '8.4.0';
const page = (script: string) =>
  `<!doctype html><html lang="en"><body><div id="app"></div><script type="module" src="${script}"></script></body></html>`;

/** By the name of their recipe, `docs/recipes/<name>.md`. */
export const apps: Readonly<Record<string, App>> = {
  vite: { packages: { vite }, build: 'vite build', output: 'dist', files: {} },
  react: {
    packages: { vite, '@vitejs/plugin-react': '6.3.0', react: '19.3.1', 'react-dom': '19.3.1' },
    build: 'vite build',
    output: 'dist',
    files: {
      'index.html': page('/src/main.jsx'),
      'src/main.jsx': `import { createRoot } from 'react-dom/client';
        import { App } from './App.jsx';
        createRoot(document.getElementById('app')).render(<App />);`,
      'vite.config.js': "import react from '@vitejs/plugin-react';\nexport default { plugins: [react()] };",
    },
  },
  vue: {
    packages: { vite, '@vitejs/plugin-vue': '6.0.11', vue: '3.5.45' },
    build: 'vite build',
    output: 'dist',
    files: {
      'index.html': page('/src/main.js'),
      'src/main.js': "import { createApp } from 'vue';\nimport App from './App.vue';\ncreateApp(App).mount('#app');",
      'vite.config.js': "import vue from '@vitejs/plugin-vue';\nexport default { plugins: [vue()] };",
    },
  },
  next: {
    packages: { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' },
    build: 'next build',
    output: 'out',
    files: {
      'app/layout.jsx':
        'export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html>; }',
    },
  },
  nuxt: {
    packages: { nuxt: '4.5.2', '@nuxt/image': '2.1.0', vue: '3.5.45' },
    build: 'nuxt generate',
    output: '.output/public',
    files: {},
  },
  svelte: {
    packages: {
      vite,
      '@sveltejs/kit': '3.2.0',
      '@sveltejs/adapter-static': '4.0.1',
      '@sveltejs/vite-plugin-svelte': '7.3.1',
      svelte: '5.57.3',
    },
    build: 'vite build',
    output: 'build',
    files: {
      'src/app.html':
        '<!doctype html><html lang="en"><head>%sveltekit.head%</head><body><div>%sveltekit.body%</div></body></html>',
      'src/routes/+layout.js': 'export const prerender = true;',
      'vite.config.js': `import adapter from '@sveltejs/adapter-static';
        import { sveltekit } from '@sveltejs/kit/vite';
        export default { plugins: [sveltekit({ adapter: adapter() })] };`,
    },
  },
  astro: {
    packages: { astro: '7.3.5' },
    build: 'astro build',
    output: 'dist',
    files: { 'astro.config.mjs': 'export default { devToolbar: { enabled: false } };' },
  },
};
