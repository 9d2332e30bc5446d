/** Machines whose system calls are known here: Node's `process.arch`, and AUDIT_ARCH_… of linux/audit.h. */
export const machines = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;

export type Machine = keyof typeof machines;

/** What a call is refused with. */
type Errno = 'EPERM' | 'ENOSYS';

/** When a call is allowed or refused by what it is given; arguments are counted from 0. */
export type Condition =
  /** Only on this process, or not at all. */
  | { readonly only: 'itself' }
  | { readonly onlyZero: number }
  | { readonly refusedBits: number; readonly of: number }
  | { readonly neededBits: number; readonly of: number }
  | { readonly refusedValues: readonly number[]; readonly of: number };

/** A call that is not simply allowed: its numbers, and how it is refused. */
export interface Rule {
  readonly number: Readonly<Record<Machine, number | undefined>>;
  readonly condition?: Condition;
  readonly refusal: Errno;
}

/**
 * Numbers on x86-64 and on arm64 (asm/unistd_64.h, asm-generic/unistd.h); 0 where the machine has no such call. What is
 * new since is the same on both.
 */
const always: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>> = {
  network: {
    socket: [41, 198],
    connect: [42, 203],
    bind: [49, 200],
    listen: [50, 201],
    accept: [43, 202],
    accept4: [288, 242],
  },
  'other processes, and more of them': {
    fork: [57, 0],
    vfork: [58, 0],
    execveat: [322, 281],
    unshare: [272, 97],
    setns: [308, 268],
    ptrace: [101, 117],
    process_vm_readv: [310, 270],
    process_vm_writev: [311, 271],
    process_madvise: [440, 440],
    process_mrelease: [448, 448],
    kcmp: [312, 272],
    pidfd_open: [434, 434],
    pidfd_getfd: [438, 438],
    pidfd_send_signal: [424, 424],
    rt_sigqueueinfo: [129, 138],
    rt_tgsigqueueinfo: [297, 240],
    tkill: [200, 130],
    setpgid: [109, 154],
    setsid: [112, 157],
    setpriority: [141, 140],
    ioprio_set: [251, 30],
    move_pages: [279, 239],
    migrate_pages: [256, 238],
    setrlimit: [160, 164],
  },
  'files, but for reading': {
    creat: [85, 0],
    mkdir: [83, 0],
    mkdirat: [258, 34],
    mknod: [133, 0],
    mknodat: [259, 33],
    link: [86, 0],
    linkat: [265, 37],
    symlink: [88, 0],
    symlinkat: [266, 36],
    unlink: [87, 0],
    unlinkat: [263, 35],
    rmdir: [84, 0],
    rename: [82, 0],
    renameat: [264, 38],
    renameat2: [316, 276],
    truncate: [76, 45],
    ftruncate: [77, 46],
    fallocate: [285, 47],
    chmod: [90, 0],
    fchmod: [91, 52],
    fchmodat: [268, 53],
    fchmodat2: [452, 452],
    chown: [92, 0],
    fchown: [93, 55],
    lchown: [94, 0],
    fchownat: [260, 54],
    setxattr: [188, 5],
    lsetxattr: [189, 6],
    fsetxattr: [190, 7],
    setxattrat: [463, 463],
    removexattr: [197, 14],
    lremovexattr: [198, 15],
    fremovexattr: [199, 16],
    removexattrat: [466, 466],
    utime: [132, 0],
    utimes: [235, 0],
    futimesat: [261, 0],
    utimensat: [280, 88],
    name_to_handle_at: [303, 264],
    open_by_handle_at: [304, 265],
    fanotify_init: [300, 262],
  },
  'what is kept beside files': {
    shmget: [29, 194],
    shmat: [30, 196],
    msgget: [68, 186],
    semget: [64, 190],
    mq_open: [240, 180],
    mq_unlink: [241, 181],
    add_key: [248, 217],
    request_key: [249, 218],
    keyctl: [250, 219],
  },
  'the system': {
    mount: [165, 40],
    umount2: [166, 39],
    pivot_root: [155, 41],
    chroot: [161, 51],
    move_mount: [429, 429],
    open_tree: [428, 428],
    open_tree_attr: [467, 467],
    fsopen: [430, 430],
    fsconfig: [431, 431],
    fsmount: [432, 432],
    fspick: [433, 433],
    mount_setattr: [442, 442],
    swapon: [167, 224],
    swapoff: [168, 225],
    quotactl: [179, 60],
    quotactl_fd: [443, 443],
    acct: [163, 89],
    bpf: [321, 280],
    perf_event_open: [298, 241],
    userfaultfd: [323, 282],
    init_module: [175, 105],
    finit_module: [313, 273],
    delete_module: [176, 106],
    kexec_load: [246, 104],
    kexec_file_load: [320, 294],
    reboot: [169, 142],
    syslog: [103, 116],
    settimeofday: [164, 170],
    clock_settime: [227, 112],
    clock_adjtime: [305, 266],
    adjtimex: [159, 171],
    sethostname: [170, 161],
    setdomainname: [171, 162],
    iopl: [172, 0],
    ioperm: [173, 0],
    modify_ldt: [154, 0],
    vhangup: [153, 58],
    personality: [135, 92],
  },
};

/** Whoever tries these goes on with older calls where they are not there; their arguments cannot be looked at. */
const absent: Readonly<Record<string, readonly [number, number]>> = {
  clone3: [435, 435],
  openat2: [437, 437],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
};

/** O_WRONLY, O_RDWR, O_CREAT, O_TRUNC and O_TMPFILE (asm-generic/fcntl.h), the same on both machines. */
const writing = 0o3 | 0o100 | 0o1000 | 0o20000000;
/** CLONE_THREAD: Node, V8 and libvips start threads. */
const thread = 0x10000;
/** TIOCSTI and TIOCLINUX put words into the mouth of whoever sits at a terminal. */
const terminal = [0x5412, 0x541c];
/** Of fcntl F_SETOWN, F_SETSIG and F_SETOWN_EX, of ioctl FIOSETOWN and SIOCSPGRP: by these a descriptor sends a signal to others. */
const owner = [8, 10, 15];
const ownerByIoctl = [0x8901, 0x8902];

const judged: readonly (readonly [readonly [number, number], Condition])[] = [
  [[2, 0], { refusedBits: writing, of: 1 }], // open
  [[257, 56], { refusedBits: writing, of: 2 }], // openat
  [[56, 220], { neededBits: thread, of: 0 }], // clone
  [[62, 129], { only: 'itself' }], // kill
  [[234, 131], { only: 'itself' }], // tgkill, by which a process aborts
  [[302, 261], { onlyZero: 2 }], // prlimit64, which without a new limit only reads
  [[203, 122], { onlyZero: 0 }], // sched_setaffinity, of this thread
  [[142, 118], { onlyZero: 0 }], // sched_setparam
  [[144, 119], { onlyZero: 0 }], // sched_setscheduler
  [[314, 274], { onlyZero: 0 }], // sched_setattr
  [[72, 25], { refusedValues: owner, of: 1 }], // fcntl
  [[16, 29], { refusedValues: [...terminal, ...ownerByIoctl], of: 1 }], // ioctl
];

function numbersOf([x64, arm64]: readonly [number, number]): Rule['number'] {
  return { x64, arm64: arm64 === 0 ? undefined : arm64 };
}

/** Everything that a render process never does, and what it could do with that to others. */
export const rules: readonly Rule[] = [
  ...judged.map(([numbers, condition]): Rule => ({ number: numbersOf(numbers), condition, refusal: 'EPERM' })),
  ...Object.values(absent).map((numbers): Rule => ({ number: numbersOf(numbers), refusal: 'ENOSYS' })),
  ...Object.values(always)
    .flatMap((calls) => Object.values(calls))
    .map((numbers): Rule => ({ number: numbersOf(numbers), refusal: 'EPERM' })),
];
