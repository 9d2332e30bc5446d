import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { purgeMethodRoute } from '../src/http/admin.ts';
import type { Route } from '../src/http/route.ts';
import { ourRoutes } from '../src/http/routes.ts';
import { createPixelFreeService } from './support/test-service.ts';

const page = readFileSync(fileURLToPath(new URL('../SECURITY.md', import.meta.url)), 'utf8');

/** The rows of the page's table after a comment that names it. */
function tableOf(name: string): readonly string[] {
  const [, table = ''] = new RegExp(`<!-- ${name}\\b.*-->\\n([\\s\\S]*?)\\n<!-- /${name} -->`).exec(page) ?? [];
  return table.split('\n').slice(2);
}

const guards: Readonly<Record<Route['guard'], string>> = {
  open: 'anybody',
  admin: 'admin token',
  uploader: 'admin token or ticket',
  address: 'signed address in the path',
};

function rowOf(route: Route): string {
  const { methods, path, guard } = route;
  const where = path === '*' ? 'any picture' : `\`${path}\``;
  const changes =
    'act' in route ? route.act : guard === 'address' && !methods.includes('GET') ? 'its one file' : undefined;
  return `| ${methods.join(', ')} ${where} | ${guards[guard]} | ${changes ?? 'nothing'} |`;
}

it('SECURITY.md has every route of ours with its guard, and what it changes', async () => {
  const { service } = await createPixelFreeService({ config: { adminToken: 'the admin token of the tests' } });
  onTestFinished(() => service.close());
  const admin = { variants: service.variants, metrics: () => Promise.reject(new Error('nobody asks')) };
  const uploads = { uploads: service.uploads, adminToken: 'the admin token', publicUrl: undefined, origins: [] };
  const answerReady = () => Promise.reject(new Error('nobody asks'));
  const routes = [...ourRoutes({ admin, uploads, answerReady }), purgeMethodRoute(admin)];
  expect(routes.length).toBeGreaterThan(20);
  expect(tableOf('routes')).toEqual(routes.map(rowOf));
});
