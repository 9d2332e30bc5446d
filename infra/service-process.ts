import { fileURLToPath } from 'node:url';
import { Duration, SecretValue } from 'aws-cdk-lib';
import type { IDistribution, IOrigin } from 'aws-cdk-lib/aws-cloudfront';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import {
  type Cluster,
  ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  LogDrivers,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Events } from './events.ts';
import type { Parameters } from './parameters.ts';
import type { Storage } from './storage.ts';

/** What tells that the service is in trouble, wherever it runs. */
export interface Signals {
  /** Answers 5xx, a count. */
  readonly failures: IMetric;
  /** Seconds or milliseconds until an answer, 99th percentile. */
  readonly slowest: { readonly metric: IMetric; readonly threshold: number };
  /** How full it is, and from where on that is too full. */
  readonly saturation: { readonly metric: IMetric; readonly threshold: number };
  /** Tasks or render processes that ended and were replaced, a count. */
  readonly restarts: { readonly metric: IMetric; readonly threshold: number };
}

/** Where pictures are made. */
export interface Compute {
  readonly origin: IOrigin;
  /** A function behind a signed URL takes no bodies from browsers. */
  readonly takesUploads: boolean;
  readonly signals: Signals;
  /** Tells what purges which distribution that is. */
  readonly servedBy: (distribution: IDistribution) => void;
}

/** What service, function, worker and gc are made with. */
export interface ComputeParts {
  readonly storage: Storage;
  readonly events: Events;
  readonly vpc: IVpc;
  readonly cluster: Cluster;
  readonly secrets: Secrets;
}

export interface Secrets {
  readonly signing: Secret;
  readonly admin: Secret;
}

/** Variables of the service that are the same wherever it runs. */
export function commonEnvironment({ originals, variants }: Storage, parameters: Parameters): Record<string, string> {
  return {
    FOVEA_ORIGINALS: `s3://${originals.bucketName}`,
    FOVEA_VARIANTS: `s3://${variants.bucketName}`,
    FOVEA_UNSIGNED: parameters.unsigned,
    // Servers and workers, or functions, come and go: each picture is still drawn by one.
    FOVEA_INSTANCES: 'several',
  };
}

/** For variables of a function, which take no secret by reference: CloudFormation resolves it when it deploys. */
export function resolved(secret: Secret): string {
  return SecretValue.secretsManager(secret.secretArn).unsafeUnwrap();
}

/**
 * After SIGTERM the service answers what is under way for up to 25 s, then writes what it has made. Killed earlier it
 * would lose both; what is asked here is the longest the platform gives.
 */
export const stopTimeout = Duration.seconds(120);

/** What each kind of processor is called by those who build for it and those who run it. */
export const platforms = {
  arm64: { image: Platform.LINUX_ARM64, task: CpuArchitecture.ARM64, function: Architecture.ARM_64 },
  x86_64: { image: Platform.LINUX_AMD64, task: CpuArchitecture.X86_64, function: Architecture.X86_64 },
} as const satisfies Readonly<Record<Parameters['architecture'], unknown>>;

/** The container image that every process of the service runs from. */
export function serviceImage({ architecture }: Parameters): ContainerImage {
  const root = fileURLToPath(new URL('..', import.meta.url));
  return ContainerImage.fromAsset(root, { platform: platforms[architecture].image });
}

export function createTask(
  scope: Construct,
  id: string,
  { architecture, taskSize: size }: Pick<Parameters, 'architecture' | 'taskSize'>,
): FargateTaskDefinition {
  return new FargateTaskDefinition(scope, id, {
    cpu: size.cpu,
    memoryLimitMiB: size.memoryMiB,
    runtimePlatform: {
      cpuArchitecture: platforms[architecture].task,
      operatingSystemFamily: OperatingSystemFamily.LINUX,
    },
  });
}

export function logsOf(scope: Construct, id: string) {
  const logGroup = new LogGroup(scope, id, { retention: RetentionDays.ONE_MONTH });
  return LogDrivers.awsLogs({ logGroup, streamPrefix: 'fovea' });
}
