/** What a team decides before it deploys; each is a context value of the CDK (`-c name=value`, or cdk.json). */
export interface Parameters {
  /** Where the service runs. Lambda is for little or very uneven traffic. */
  readonly compute: 'fargate' | 'lambda';
  /** Host name of the pictures, such as `img.example.com`; without it CloudFront's own name is used. */
  readonly domain: Domain | undefined;
  /** Processors of tasks and function; images are built for them, natively where the machine that deploys has the same. */
  readonly architecture: 'arm64' | 'x86_64';
  /** Buckets that are there already, by name; what is not named is made. */
  readonly buckets: { readonly originals: string | undefined; readonly variants: string | undefined };
  /** A network that is there already; without it one is made. */
  readonly network: ExistingNetwork | undefined;
  /** A distribution that is there already, whose behaviours the team writes; without it one is made. */
  readonly distributionId: string | undefined;
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
  /** The hosted zone of Route 53 that it lies in; undefined where the team points it at the distribution itself. */
  readonly zone: { readonly id: string; readonly name: string } | undefined;
  /** A certificate in us-east-1; without it one is made, which works only when the stack itself is there. */
  readonly certificateArn: string | undefined;
}

/** Its private subnets, one in each zone, reach S3 and the rest of AWS on their own. */
export interface ExistingNetwork {
  readonly vpcId: string;
  readonly cidr: string;
  readonly availabilityZones: readonly string[];
  readonly privateSubnetIds: readonly string[];
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
  const certificateArn = text(read, 'certificateArn');
  const zone = zoneId === undefined || zoneName === undefined ? undefined : { id: zoneId, name: zoneName };
  const isHalf = (zoneId === undefined) !== (zoneName === undefined);
  if (isHalf || (zone === undefined && certificateArn === undefined)) {
    throw new Error(
      'Context value "domain" needs "zoneId" and "zoneName", the hosted zone of Route 53 it lies in, or a "certificateArn" where its DNS is elsewhere.',
    );
  }
  if (certificateArn !== undefined && !/^arn:[\w-]+:acm:us-east-1:/.test(certificateArn)) {
    throw new Error(`Context value "certificateArn": CloudFront takes those of us-east-1, got "${certificateArn}".`);
  }
  return { name, zone, certificateArn };
}

function listOf(read: Read, name: string): readonly string[] {
  return (text(read, name) ?? '').split(',').filter((item) => item !== '');
}

function readNetwork(read: Read): ExistingNetwork | undefined {
  const vpcId = text(read, 'vpcId');
  const cidr = text(read, 'vpcCidr');
  const availabilityZones = listOf(read, 'availabilityZones');
  const privateSubnetIds = listOf(read, 'privateSubnetIds');
  const count = privateSubnetIds.length;
  if (vpcId === undefined && cidr === undefined && availabilityZones.length + count === 0) return undefined;
  // Nothing is looked up, so that the template is the same for whoever makes it.
  if (vpcId === undefined || cidr === undefined || count < 2 || availabilityZones.length !== count) {
    throw new Error(
      'Context value "vpcId" goes with "vpcCidr", "privateSubnetIds" (two at least) and "availabilityZones", one for each of them, parted at commas.',
    );
  }
  return { vpcId, cidr, availabilityZones, privateSubnetIds };
}

/** Reads the context values, all of them optional. Throws what was expected and what came. */
export function readParameters(read: Read): Parameters {
  const tasks = { min: whole(read, 'minTasks', 2, 1), max: whole(read, 'maxTasks', 20, 1) };
  if (tasks.max < tasks.min) throw new Error('Context value "maxTasks": expected no fewer than "minTasks".');
  return {
    compute: oneOf(read, 'compute', ['fargate', 'lambda']),
    domain: readDomain(read),
    architecture: oneOf(read, 'architecture', ['arm64', 'x86_64']),
    buckets: { originals: text(read, 'originalsBucket'), variants: text(read, 'variantsBucket') },
    network: readNetwork(read),
    distributionId: text(read, 'distributionId'),
    uploadOrigins: listOf(read, 'uploadOrigins'),
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
