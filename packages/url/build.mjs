import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, posix, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

// `node packages/url/build.mjs [FOLDER]`: what `@fovea/url` is packed from, into `packages/url/dist` unless said otherwise. The
// program's own package has the same in a folder of its `dist`, as `fovea/url`.

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = process.argv[2] ?? join(root, 'packages/url/dist');
const entries = { url: 'src/url/index.ts', 'url-sign': 'src/url/sign.ts' };

/** As small as they come, since pages load them; in both kinds of modules. */
function buildModules(format, folder) {
  buildSync({
    entryPoints: entries,
    absWorkingDir: root,
    outdir: resolve(folder),
    bundle: true,
    minify: true,
    format,
    platform: 'neutral',
    target: 'es2022',
    external: ['node:*'],
    logLevel: 'warning',
  });
}

const statement = /(import|export)(\s+type)?\s+\{([^}]*)\}\s+from\s+'(\.[^']+)'/g;
const inline = /import\("(\.[^"]+)"\)/g;

/** The names that a statement lists, each as it is written. */
function listed(names) {
  return names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

const declaredAs = (written) => written.replace(/^type /, '').replace(/ as .*$/, '');
const beside = (file, from) => join(dirname(file), from).replace(/\.ts$/, '.d.ts');
const read = (folder, file) => readFileSync(join(folder, file), 'utf8');

/** The file in which a name is declared: a door only hands on what others declare. */
function declaring(folder, file, name) {
  for (const [, word, , names, from] of read(folder, file).matchAll(statement)) {
    const isHandedOn = word === 'export' && listed(names).map(declaredAs).includes(name);
    if (isHandedOn) return declaring(folder, beside(file, from), name);
  }
  return file;
}

/** Adds to what was found a file, and all that its declarations rest on. */
function collect(folder, file, found) {
  if (found.has(file)) return;
  found.add(file);
  for (const [, , , names, from] of read(folder, file).matchAll(statement)) {
    for (const name of listed(names)) collect(folder, declaring(folder, beside(file, from), declaredAs(name)), found);
  }
  for (const [, from] of read(folder, file).matchAll(inline)) collect(folder, beside(file, from), found);
}

/** A file's declarations as they are packed: past doors, and by the names that modules have once they are built. */
function packed(folder, file) {
  const named = (to) => {
    const path = posix.relative(dirname(file), to).replace(/\.d\.ts$/, '.js');
    return path.startsWith('.') ? path : `./${path}`;
  };
  return read(folder, file)
    .replaceAll(statement, (_all, word, type = '', names, from) =>
      listed(names)
        .map((name) => {
          const to = declaring(folder, beside(file, from), declaredAs(name));
          return `${word}${type} { ${name} } from '${named(to)}'`;
        })
        .join(';\n'),
    )
    .replaceAll(inline, (_all, from) => `import("${named(beside(file, from))}")`);
}

/** What the compiler declares for all that it comes past; kept is only what the types of the two doors rest on. */
function buildTypes(folder) {
  const whole = mkdtempSync(join(tmpdir(), 'fovea-url-types-'));
  try {
    const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
    execFileSync(process.execPath, [compiler, '-p', join(root, 'src/url/tsconfig.json'), '--outDir', whole], {
      stdio: 'inherit',
    });
    const found = new Set();
    for (const source of Object.values(entries)) collect(whole, beside('.', source.replace('src/', '')), found);
    for (const file of found) {
      mkdirSync(join(folder, dirname(file)), { recursive: true });
      writeFileSync(join(folder, file), packed(whole, file));
    }
  } finally {
    rmSync(whole, { recursive: true });
  }
}

rmSync(dist, { recursive: true, force: true });
buildModules('esm', dist);
buildModules('cjs', join(dist, 'cjs'));
writeFileSync(join(dist, 'cjs/package.json'), '{ "type": "commonjs" }\n');
buildTypes(join(dist, 'types'));
cpSync(join(dist, 'types'), join(dist, 'cjs/types'), { recursive: true });
