import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Route } from '../src/http/route.ts';
import { cloudinaryRoutes, imageRoutes, serviceRoutes, uploadRoutes } from '../src/http/routes.ts';

const page = readFileSync(fileURLToPath(new URL('../SECURITY.md', import.meta.url)), 'utf8');

/** The rows of the page's table after a comment that names it. */
function tableOf(name: string): readonly string[] {
  const [, table = ''] = new RegExp(`<!-- ${name}\\b.*-->\\n([\\s\\S]*?)\\n<!-- /${name} -->`).exec(page) ?? [];
  return table.split('\n').slice(2);
}

const guards: Readonly<Record<Route<never>['guard'], string>> = {
  open: 'anybody',
  url: 'whom the URL permits: its signature, or `FOVEA_UNSIGNED`',
  admin: 'admin token',
  uploader: 'admin token or ticket',
  address: 'signed address in the path',
  form: 'whom the body permits: its signature, or for an upload an unsigned preset',
};

function rowOf(route: Route<never>): string {
  const { method, path, guard } = route;
  const where = path === '*' ? 'any picture' : `\`${path}\``;
  const changes = 'act' in route ? route.act : guard === 'address' && method !== 'GET' ? 'its one file' : undefined;
  return `| ${method} ${where} | ${guards[guard]} | ${changes ?? 'nothing'} |`;
}

it('SECURITY.md has every route of ours with its guard, and what it changes', () => {
  const routes: readonly Route<never>[] = [...serviceRoutes, ...uploadRoutes, ...cloudinaryRoutes, ...imageRoutes];
  expect(routes.length).toBeGreaterThan(20);
  expect(tableOf('routes')).toEqual(routes.map(rowOf));
});
