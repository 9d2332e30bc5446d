import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { type ControlGroup, createControlGroup } from './control-group.ts';
import { environmentOf, readDockerfile } from './dockerfile.ts';
import { builtProgram } from './program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** As much of the manifests in infra/kubernetes/ as a start by hand goes by; infra's own tests hold them to the schema. */
interface Container {
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly envFrom: readonly Readonly<Record<'configMapRef' | 'secretRef', { readonly name: string } | undefined>>[];
  readonly resources: { readonly limits: { readonly cpu: string; readonly memory: string } };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string };
  readonly emptyDir?: { readonly sizeLimit: string };
}

interface Document {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly template?: {
      readonly spec: { readonly containers: readonly Container[]; readonly volumes: readonly Volume[] };
    };
  };
}

export interface Pod {
  /** What its ConfigMap and its Secret put into the environment, above what the image has. */
  readonly environment: Readonly<Record<string, string>>;
  /** The names of what comes from the Secret. */
  readonly secrets: readonly string[];
  /** Before the words of the server: they start as its only container would, with no right beyond those of any program. */
  readonly enter: readonly string[];
  /** Undefined where this user may make none. */
  readonly group: ControlGroup | undefined;
  readonly remove: () => Promise<void>;
}

function documents(file: string): readonly Document[] {
  return parseAllDocuments(readFileSync(join(root, 'infra/kubernetes', file), 'utf8')).map((one) => one.toJS());
}

/** Bytes of a quantity such as `64Mi` or `2Gi`. */
function bytesOf(quantity: string): number {
  const [, number = '', unit = ''] = /^(\d+)(Mi|Gi)$/.exec(quantity) ?? [];
  if (number === '') throw new Error(`not a quantity that is read here: ${quantity}`);
  return Number(number) * 1024 ** (unit === 'Gi' ? 3 : 2);
}

/**
 * The pod of the Deployment without a cluster: bubblewrap gives the server a root that cannot be written, no capability, no
 * user namespaces of its own, a process namespace in which it is the first, and folders to write in where the manifest mounts
 * any, as large as it says. It runs as any user of the group 0, as on OpenShift. What is not tried here is the cluster's
 * filter of system calls.
 */
export function preparePod(user = 1_000_680_000): Pod {
  const all = [...documents('deployment.yaml'), ...documents('configuration.yaml'), ...documents('secret.yaml')];
  const template = all.find(({ kind }) => kind === 'Deployment')?.spec?.template?.spec;
  const [container] = template?.containers ?? [];
  if (template === undefined || container === undefined) throw new Error('deployment.yaml has no container');
  const named = (kind: string, name = '') => {
    const found = all.find((document) => document.kind === kind && document.metadata.name === name);
    if (found === undefined) throw new Error(`There is no ${kind} ${name}.`);
    return found.data ?? found.stringData ?? {};
  };
  const from = container.envFrom.map(({ configMapRef, secretRef }) => ({
    plain: configMapRef === undefined ? {} : named('ConfigMap', configMapRef.name),
    secret: secretRef === undefined ? {} : named('Secret', secretRef.name),
  }));
  const image = environmentOf(readDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8')).at(-1) ?? noStage());
  const environment = Object.assign(
    image,
    ...from.flatMap(({ plain, secret }) => [plain, secret]),
    Object.fromEntries(container.env.map(({ name, value }) => [name, value])),
  );
  const scratch = mkdtempSync(join(tmpdir(), 'fovea-pod-'));
  chmodSync(scratch, 0o755);
  const mounts = container.volumeMounts.flatMap(({ name, mountPath }) => {
    const volume = template.volumes.find((one) => one.name === name);
    if (volume?.emptyDir !== undefined)
      return ['--size', String(bytesOf(volume.emptyDir.sizeLimit)), '--tmpfs', mountPath];
    return ['--ro-bind', writeFiles(join(scratch, name), named('ConfigMap', volume?.configMap?.name)), mountPath];
  });
  const group = createControlGroup(bytesOf(container.resources.limits.memory));
  return {
    environment,
    secrets: from.flatMap(({ secret }) => Object.keys(secret)),
    enter: [...(group?.enter ?? []), ...bubblewrap(user, mounts)],
    group,
    remove: async () => {
      await group?.remove();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

function noStage(): never {
  throw new Error('the Dockerfile has no stage');
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(folder, { mode: 0o755 });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o644 });
  return folder;
}

/** What the image has, and nothing of this machine beside it. */
function bubblewrap(user: number, mounts: readonly string[]): readonly string[] {
  const node = dirname(dirname(process.execPath));
  const program = [join(root, 'node_modules'), join(root, 'package.json')];
  // Not all of /etc, into which the manifest mounts a folder.
  const settings = [
    'passwd',
    'group',
    'nsswitch.conf',
    'hosts',
    'resolv.conf',
    'ld.so.cache',
    'alternatives',
    'fonts',
    'ssl',
  ];
  const system = ['/usr', '/bin', '/lib', '/lib64', '/sys', ...settings.map((name) => `/etc/${name}`)];
  const seen = [...system, node, ...program];
  return [
    ...becoming(user),
    'bwrap',
    ...['--unshare-user', '--disable-userns', '--uid', String(user), '--gid', '0', '--cap-drop', 'ALL'],
    ...['--unshare-pid', '--as-pid-1', '--unshare-ipc', '--unshare-uts', '--die-with-parent'],
    // Before the program, which may be checked out in one of these folders.
    ...mounts,
    ...seen.flatMap((path) => ['--ro-bind-try', path, path]),
    ...['--proc', '/proc', '--dev', '/dev', '--chdir', root],
    ...['--remount-ro', '/'],
  ];
}

/** Root becomes that user before anything else, where that user may read the program: not in a folder of root's own. */
function becoming(user: number): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  const words = ['setpriv', `--reuid=${user}`, '--regid=0', '--clear-groups'];
  const { status } = spawnSync('setpriv', [...words.slice(1), 'test', '-r', builtProgram()]);
  return status === 0 ? words : [];
}
