import { describe, expect, it } from 'vitest';
import { type Manifest, readManifests, unknownFields } from './manifests.ts';
import { listAt, valueAt } from './templates.ts';

const { manifests, kustomization } = readManifests();

function only(kind: string): Manifest {
  const found = manifests.filter((manifest) => manifest.kind === kind);
  if (found[0] === undefined || found.length > 1) throw new Error(`There are ${found.length} of ${kind}.`);
  return found[0];
}

const deployment = only('Deployment').content;
/** Each pod that is started, by the kind of what starts it. */
const pods = [
  ['Deployment', valueAt(deployment, 'spec.template')],
  ['CronJob', valueAt(only('CronJob').content, 'spec.jobTemplate.spec.template')],
] as const;

function named(name: string): object | undefined {
  return manifests.find(({ kind, content }) => kind === 'ConfigMap' && valueAt(content, 'metadata.name') === name)
    ?.content;
}

describe('the manifests for Kubernetes', () => {
  it.each(manifests.map(({ kind, file, content }) => [kind, file, content] as const))(
    'are by the schema: %s in %s',
    (_kind, _file, content) => {
      expect(unknownFields(content)).toEqual([]);
    },
  );

  it.each([
    [{ spec: { replica: 2 } }, ['/spec/replica']],
    [
      { spec: { template: { spec: { containers: [{ name: 'a', readOnly: true }] } } } },
      ['/spec/template/spec/containers/0/readOnly'],
    ],
  ])('would not be with a field that nobody knows: %j', (wrong, fields) => {
    const selector = { matchLabels: { a: 'b' } };
    const spec = { selector, template: { spec: { containers: [{ name: 'a' }] } }, ...wrong.spec };
    expect(unknownFields({ apiVersion: 'apps/v1', kind: 'Deployment', spec })).toEqual(fields);
  });

  it('would not be with a value of another kind', () => {
    const wrong = { apiVersion: 'v1', kind: 'Service', spec: { ports: [{ port: '80' }] } };
    expect(() => unknownFields(wrong)).toThrow(/port/);
  });

  it('are all applied, but for the Ingress, which not everybody wants', () => {
    const files = new Set(manifests.map(({ file }) => file));
    files.delete('ingress.yaml');
    expect(listAt(kustomization, 'resources').toSorted()).toEqual([...files].sort());
  });

  it.each(pods)('need no right at all: %s', (_kind, pod) => {
    expect(valueAt(pod, 'spec.automountServiceAccountToken')).toBe(false);
    expect(valueAt(pod, 'spec.securityContext')).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    for (const container of listAt(pod, 'spec.containers')) {
      expect(valueAt(container, 'securityContext')).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
    for (const name of ['hostNetwork', 'hostPID', 'hostIPC', 'initContainers']) {
      expect(valueAt(pod, `spec.${name}`)).toBeUndefined();
    }
  });

  it.each(pods)('bound processors and memory, and every folder that can be written: %s', (_kind, pod) => {
    for (const container of listAt(pod, 'spec.containers')) {
      for (const of of ['requests', 'limits']) {
        expect(valueAt(container, `resources.${of}`)).toEqual({ cpu: expect.any(String), memory: expect.any(String) });
      }
    }
    const volumes = listAt(pod, 'spec.volumes').filter((volume) => valueAt(volume, 'configMap') === undefined);
    expect(volumes).toEqual([{ name: 'temporary', emptyDir: { sizeLimit: '64Mi' } }]);
  });

  it('restart what is not alive, and send nobody to what is not ready', () => {
    const [container] = listAt(deployment, 'spec.template.spec.containers');
    const paths = ['startupProbe', 'livenessProbe', 'readinessProbe'].map((probe) =>
      valueAt(container, `${probe}.httpGet.path`),
    );
    expect(paths).toEqual(['/-/health', '/-/health', '/-/ready']);
  });

  it('leave a pod the time that its end may take', () => {
    const drain = Number(valueAt(named('fovea'), 'data.FOVEA_DRAIN_SECONDS'));
    const grace = Number(valueAt(deployment, 'spec.template.spec.terminationGracePeriodSeconds'));
    // What is under way, the last purges, and what waits to be stored.
    expect(grace).toBeGreaterThanOrEqual(drain + 25 + 15 + 30);
  });

  it.each([
    ['Deployment', deployment, 'spec.selector.matchLabels'],
    ['Service', only('Service').content, 'spec.selector'],
    ['PodDisruptionBudget', only('PodDisruptionBudget').content, 'spec.selector.matchLabels'],
  ])('mean the servers and not the clean-up: %s', (_kind, content, path) => {
    const labels = valueAt(deployment, 'spec.template.metadata.labels');
    expect(valueAt(content, path)).toEqual(labels);
    expect(valueAt(only('CronJob').content, 'spec.jobTemplate.spec.template.metadata.labels')).not.toEqual(labels);
  });

  it('scale the deployment, which says no number of its own', () => {
    const { metadata } = deployment as { metadata: { name: string } };
    expect(valueAt(only('HorizontalPodAutoscaler').content, 'spec.scaleTargetRef.name')).toBe(metadata.name);
    expect(valueAt(deployment, 'spec.replicas')).toBeUndefined();
  });

  it('keep pods from the addresses of the node, where credentials are', () => {
    const blocks = listAt(only('NetworkPolicy').content, 'spec.egress')
      .flatMap((rule) => listAt(rule, 'to'))
      .map((peer) => valueAt(peer, 'ipBlock'))
      .filter((block) => block !== undefined);
    expect(blocks.map((block) => valueAt(block, 'except.0'))).toEqual(['169.254.0.0/16', 'fe80::/10']);
  });
});
