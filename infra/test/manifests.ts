import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Deployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { CronJob } from 'kubernetes-models/batch/v1';
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Secret, Service, ServiceAccount } from 'kubernetes-models/v1';
import { parseAllDocuments } from 'yaml';
import { valueAt } from './templates.ts';

const folder = fileURLToPath(new URL('../kubernetes/', import.meta.url));

/** One document of a file, as YAML says it. */
export interface Manifest {
  readonly file: string;
  readonly kind: string;
  readonly content: object;
}

/** Kubernetes' own schemas, which a package carries as programs. */
const models = [
  Deployment,
  HorizontalPodAutoscaler,
  CronJob,
  Ingress,
  NetworkPolicy,
  PodDisruptionBudget,
  ConfigMap,
  Secret,
  Service,
  ServiceAccount,
] as const;

/** Every manifest of the folder, and what kustomize is told about them. */
export function readManifests(): { readonly manifests: readonly Manifest[]; readonly kustomization: object } {
  const all = readdirSync(folder).flatMap((file) =>
    parseAllDocuments(readFileSync(folder + file, 'utf8')).map((document) => {
      if (document.errors[0] !== undefined) throw document.errors[0];
      const content: object = document.toJS();
      return { file, kind: String(valueAt(content, 'kind')), content };
    }),
  );
  const kustomization = all.find(({ kind }) => kind === 'Kustomization')?.content;
  if (kustomization === undefined) throw new Error('There is no kustomization.yaml.');
  return { manifests: all.filter(({ kind }) => kind !== 'Kustomization'), kustomization };
}

/**
 * Holds a document against the schema of its kind, and returns the fields that the schema does not know: a server refuses
 * them when asked to be strict, and else passes over them in silence. Throws where a value is wrong.
 */
export function unknownFields(content: object): readonly string[] {
  const model = models.find(
    ({ apiVersion, kind }) => apiVersion === valueAt(content, 'apiVersion') && kind === valueAt(content, 'kind'),
  );
  if (model === undefined) throw new Error(`No schema for ${JSON.stringify(content)}.`);
  const unread = new Set<string>();
  const watched = watchReads(content, '', unread);
  // Not by way of the constructor, which copies and so reads all.
  model.prototype.validate.call(watched);
  return [...unread];
}

/** The same content, which notes what nobody has read. A schema reads each field that it knows, and no other. */
function watchReads<Content extends object>(content: Content, path: string, unread: Set<string>): Content {
  const within = new Map<PropertyKey, unknown>();
  for (const [name, value] of Object.entries(content)) {
    const place = `${path}/${name}`;
    unread.add(place);
    within.set(name, typeof value === 'object' && value !== null ? watchReads(value, place, unread) : value);
  }
  return new Proxy(content, {
    get(target, name) {
      unread.delete(`${path}/${String(name)}`);
      return within.has(name) ? within.get(name) : Reflect.get(target, name);
    },
  });
}
