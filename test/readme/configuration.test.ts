import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { allBlocks, codeBlocks, pathOf, readPage } from './pages.ts';
import { schemaPath, writeSchema } from './schema.ts';
import { tables, withTable } from './tables.ts';

describe('the configuration', () => {
  it('is the one that the program reads: `npm run docs` writes the table', () => {
    for (const page of Object.keys(tables)) expect(readPage(page)).toBe(withTable(page));
    expect(readFileSync(pathOf(schemaPath), 'utf8'), 'npm run docs').toBe(writeSchema());
  });

  it('shows a configuration file that the program takes, with every key explained', () => {
    const page = readPage('docs/configuration.md');
    const [json = ''] = codeBlocks(page, 'json');
    const { $schema, ...file } = JSON.parse(json) as Readonly<Record<string, unknown>>;
    expect($schema).toBe(`./${schemaPath}`);
    const keys = Object.keys(file);
    for (const key of keys) expect(page).toMatch(new RegExp(`^\\| \`${key}(\\.\\w+)?\` \\|`, 'm'));
    expect(Object.keys(readConfig({}).file)).toEqual(expect.arrayContaining(keys));
  });

  it('shows no part of one that the program would refuse', () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const pem = JSON.stringify(publicKey.export({ type: 'spki', format: 'pem' }));
    const { properties } = JSON.parse(readFileSync(pathOf(schemaPath), 'utf8')) as { properties: object };
    const folder = mkdtempSync(join(tmpdir(), 'fovea-readme-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const parts = allBlocks('json')
      .map(({ code }) => code)
      .filter((block) => Object.keys(JSON.parse(block)).every((key) => key in properties));
    expect(parts.length).toBeGreaterThanOrEqual(4);
    for (const [at, part] of parts.entries()) {
      const path = join(folder, `${at}.json`);
      writeFileSync(path, part.replace(/"-----BEGIN PUBLIC KEY-----[^"]*"/, pem));
      expect(readConfig({ FOVEA_CONFIG: path }).readFrom).toBe(path);
    }
  });

  it('sets up S3 with variables that the program takes', () => {
    const blocks = allBlocks('sh').filter(({ code }) => code.includes('export FOVEA_ORIGINALS'));
    expect(blocks.map(({ path }) => path)).toEqual(['README.md', 'docs/stores.md']);
    for (const { code } of blocks) {
      const given = [...code.matchAll(/^export (FOVEA_(?:ORIG|VAR)\w+)=(\S+)/gm)].map(([, name, value]) => [
        name,
        value,
      ]);
      expect(readConfig(Object.fromEntries(given))).toMatchObject({
        originals: 's3://my-pictures/originals',
        variants: 's3://my-pictures/variants',
      });
    }
  });
});
