import type { Isolation } from '../spawner.ts';
import { launcher } from './launcher.ts';
import type { Machine } from './syscalls.ts';

/** Ways to hold a render process, best first. */
export const rungNames = ['bubblewrap', 'landlock', 'filter', 'privileges', 'limits'] as const;
export type RungName = (typeof rungNames)[number];

/** What is to run, and what it has to read. */
export interface Inmate {
  /** The file of the program. */
  readonly program: string;
  readonly words: readonly string[];
  /** Files and folders that it cannot do without, and such that it may read where they are. */
  readonly needed: readonly string[];
  readonly optional: readonly string[];
}

/** A command line that runs something in a cage of one kind. */
export interface Rung {
  readonly name: RungName;
  /** For operators: what holds the process. */
  readonly description: string;
  readonly isolation: Isolation;
  command(inmate: Inmate): readonly [string, readonly string[]];
}

/** Without files of its own, and known as such to every system. */
const nobody = '65534';

/** What programs load before their first instruction, and Node's OpenSSL before its own. */
const libraries = ['/usr/lib', '/usr/lib64', '/lib', '/lib64', '/etc/ld.so.cache', '/etc/ssl/openssl.cnf'];
const loaders = [
  '/lib64/ld-linux-x86-64.so.2',
  '/lib/ld-linux-aarch64.so.1',
  '/lib/ld-musl-x86_64.so.1',
  '/lib/ld-musl-aarch64.so.1',
];

const setpriv = '/usr/bin/setpriv';
const asNobody = [setpriv, '--reuid', nobody, '--regid', nobody, '--clear-groups'];
const withoutCapabilities = ['--inh-caps', '-all', '--bounding-set', '-all'];

/**
 * Namespaces of its own, in which nothing is but the program and what it reads: no network, no other process, no place
 * to write. The process is number 1 of its own world, which ends with it.
 */
function bubblewrap(becomesNobody: boolean): Rung {
  const bind = (how: string, paths: readonly string[]) => paths.flatMap((path) => [how, path, path]);
  // Folders on the way to a file would be shut to another user.
  const open = (paths: readonly string[]) =>
    [...new Set(paths.flatMap(foldersAbove))].flatMap((path) => ['--perms', '0755', '--dir', path]);
  return {
    name: 'bubblewrap',
    description: `bubblewrap: its own namespaces and files, a filter of system calls${suffix(becomesNobody)}`,
    isolation: 'namespaced',
    command: ({ program, words, needed, optional }) => [
      '/usr/bin/bwrap',
      [
        ...['--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
        ...(becomesNobody
          ? ['--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID', '--cap-add', 'CAP_SETPCAP']
          : ['--unshare-user', '--uid', nobody, '--gid', nobody]),
        ...['--as-pid-1', '--die-with-parent', '--info-fd', '5', '--seccomp', '6'],
        ...open([...libraries, ...optional, ...needed, program]),
        ...bind('--ro-bind-try', [...libraries, ...optional]),
        ...bind('--ro-bind', [...(becomesNobody ? [setpriv] : []), ...needed, program]),
        ...['--remount-ro', '/', '--chdir', '/', '--'],
        // Another user is nobody's child any more until it says so anew (prctl(2), PR_SET_PDEATHSIG).
        ...(becomesNobody ? [...asNobody, ...withoutCapabilities, '--pdeathsig', 'KILL', '--'] : []),
        program,
        ...words,
      ],
    ],
  };
}

/** Calls of the kernel by which a process binds itself; that takes no right that a container may lack. */
function launched(name: 'landlock' | 'filter', machine: Machine, becomesNobody: boolean): Rung {
  const numbers = { x64: ['157', '126'], arm64: ['167', '91'] }[machine];
  const what = name === 'landlock' ? 'Landlock for files, a filter' : 'a filter';
  return {
    name,
    description: `${what} of system calls${suffix(becomesNobody)}`,
    isolation: 'filtered',
    command: ({ program, words, needed, optional }) => [
      '/usr/bin/perl',
      [
        ...['-e', launcher, ...numbers, name === 'landlock' ? '1' : '0', becomesNobody ? nobody : '0'],
        ...[`x${program}`, ...loaders.map((path) => `x${path}`)],
        ...[...libraries, ...optional].map((path) => `o${path}`),
        ...needed.map((path) => `r${path}`),
        ...['--', program, ...words],
      ],
    ],
  };
}

function privileges(becomesNobody: boolean): Rung {
  return {
    name: 'privileges',
    description: `no new privileges, resource limits${suffix(becomesNobody)}`,
    isolation: 'none',
    command: ({ program, words }) => [
      setpriv,
      [
        '--no-new-privs',
        ...(becomesNobody ? [...asNobody.slice(1), ...withoutCapabilities, '--pdeathsig', 'KILL'] : []),
        ...['--', program, ...words],
      ],
    ],
  };
}

/** What always works: the limits that every process has. */
export const lastRung: Rung = {
  name: 'limits',
  description: 'resource limits only',
  isolation: 'none',
  command: ({ program, words }) => [program, words],
};

/** `/a/b/c` → `/a`, `/a/b`. */
function foldersAbove(path: string): readonly string[] {
  const names = path.split('/').slice(1, -1);
  return names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`);
}

function suffix(becomesNobody: boolean): string {
  return becomesNobody ? ', as nobody' : '';
}

export interface Ground {
  /** Node's `process.platform`. */
  readonly platform: string;
  /** Undefined where system calls are not known here. */
  readonly machine: Machine | undefined;
  readonly isRoot: boolean;
  /** Whether nobody can read all that has to be read, as far as can be told beforehand. */
  readonly mayBecomeNobody: boolean;
}

/** All that may be tried on such a machine, best first, before the last. */
export function rungsOn({ platform, machine, isRoot, mayBecomeNobody }: Ground): readonly Rung[] {
  if (platform !== 'linux') return [];
  const users = isRoot && mayBecomeNobody ? [true, false] : [false];
  const filtered =
    machine === undefined
      ? []
      : [
          ...users.map(bubblewrap),
          ...users.map((user) => launched('landlock', machine, user)),
          ...users.map((user) => launched('filter', machine, user)),
        ];
  return [...filtered, ...users.map(privileges)];
}
