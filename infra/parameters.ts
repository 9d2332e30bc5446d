/** What a team decides before it deploys; each is a context value of the CDK (`-c name=value`, or cdk.json). */
export interface Parameters {
  /** Where the service runs. Lambda is for little or very uneven traffic. */
  readonly compute: 'fargate' | 'lambda';
  /** Host name of the pictures, such as `img.example.com`; without it CloudFront's own name is used. */
  readonly domain: Domain | undefined;
  /** Origins of pages that may upload from a browser. */
  readonly uploadOrigins: readonly string[];
  /** What unsigned URLs may ask (FOVEA_UNSIGNED). */
  readonly unsigned: 'any' | 'ladder' | 'presets' | 'none';
  /** Days until a stored variant expires and is made again when somebody asks. */
  readonly variantDays: number;
  /** Days that an overwritten or deleted original can still be brought back. */
  readonly deletedOriginalDays: number;
  /** Fewest and most tasks of the service. */
  readonly tasks: { readonly min: number; readonly max: number };
  /** vCPU units of 1,024 and MiB of one task. */
  readonly taskSize: { readonly cpu: number; readonly memoryMiB: number };
  /** Region of Origin Shield: the one nearest to the stack's, where CloudFront has one. Undefined: off. */
  readonly originShieldRegion: string | undefined;
  /** Id of CloudFront's origin-facing prefix list in the stack's region; narrows what the inner load balancer hears. */
  readonly cloudfrontPrefixList: string | undefined;
  /** Who is told of alarms. */
  readonly alarmEmail: string | undefined;
  /** NAT gateways: one is cheap, one per zone survives the loss of a zone. */
  readonly natGateways: number;
}

export interface Domain {
  readonly name: string;
  readonly zoneId: string;
  readonly zoneName: string;
  /** A certificate in us-east-1; without it one is made, which works only when the stack itself is there. */
  readonly certificateArn: string | undefined;
}

type Read = (name: string) => unknown;

function text(read: Read, name: string): string | undefined {
  const value = read(name);
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw new Error(`Context value "${name}": expected text, got ${JSON.stringify(value)}.`);
}

function oneOf<const Choice extends string>(read: Read, name: string, choices: readonly [Choice, ...Choice[]]): Choice {
  const value = text(read, name);
  if (value === undefined) return choices[0];
  const choice = choices.find((known) => known === value);
  if (choice !== undefined) return choice;
  throw new Error(`Context value "${name}": expected one of ${choices.join(', ')}; got "${value}".`);
}

function whole(read: Read, name: string, fallback: number, minimum: number): number {
  const value = read(name) ?? fallback;
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= minimum) return number;
  throw new Error(
    `Context value "${name}": expected a whole number of at least ${minimum}, got ${JSON.stringify(value)}.`,
  );
}

function readDomain(read: Read): Domain | undefined {
  const name = text(read, 'domain');
  if (name === undefined) return undefined;
  const zoneId = text(read, 'zoneId');
  const zoneName = text(read, 'zoneName');
  if (zoneId === undefined || zoneName === undefined) {
    throw new Error('Context value "domain" needs "zoneId" and "zoneName", the hosted zone of Route 53 it lies in.');
  }
  return { name, zoneId, zoneName, certificateArn: text(read, 'certificateArn') };
}

/** Reads the context values, all of them optional. Throws what was expected and what came. */
export function readParameters(read: Read): Parameters {
  const tasks = { min: whole(read, 'minTasks', 2, 1), max: whole(read, 'maxTasks', 20, 1) };
  if (tasks.max < tasks.min) throw new Error('Context value "maxTasks": expected no fewer than "minTasks".');
  return {
    compute: oneOf(read, 'compute', ['fargate', 'lambda']),
    domain: readDomain(read),
    uploadOrigins: (text(read, 'uploadOrigins') ?? '').split(',').filter((origin) => origin !== ''),
    unsigned: oneOf(read, 'unsigned', ['ladder', 'any', 'presets', 'none']),
    variantDays: whole(read, 'variantDays', 90, 1),
    deletedOriginalDays: whole(read, 'deletedOriginalDays', 30, 1),
    tasks,
    taskSize: { cpu: whole(read, 'taskCpu', 2048, 256), memoryMiB: whole(read, 'taskMemoryMiB', 4096, 512) },
    originShieldRegion: text(read, 'originShieldRegion'),
    cloudfrontPrefixList: text(read, 'cloudfrontPrefixList'),
    alarmEmail: text(read, 'alarmEmail'),
    natGateways: whole(read, 'natGateways', 1, 1),
  };
}
