import { fileURLToPath } from 'node:url';
import { Duration } from 'aws-cdk-lib';
import { FunctionUrlOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { DockerImageCode, DockerImageFunction, FunctionUrlAuthType, InvokeMode } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Parameters } from './parameters.ts';
import { keep, list, read } from './permissions.ts';
import { type Compute, type ComputeParts, commonEnvironment, platforms, resolved } from './service-process.ts';

/** Instances at most, so that a flood costs what it may cost and no more. */
const maxInstances = 100;

/**
 * The service as a function behind a URL that only the distribution may call. It answers pictures and nothing else:
 * uploads would need their hash in a header that browsers do not send, and purging is the worker's and the CLI's.
 */
export function createFunction(scope: Construct, { storage, secrets }: ComputeParts, parameters: Parameters): Compute {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const handler = new DockerImageFunction(scope, 'Function', {
    code: DockerImageCode.fromImageAsset(root, {
      file: 'infra/lambda/Dockerfile',
      platform: platforms[parameters.architecture].image,
    }),
    architecture: platforms[parameters.architecture].function,
    // Processors come with memory: this is some 1.7 of them.
    memorySize: 3008,
    timeout: Duration.seconds(30),
    reservedConcurrentExecutions: maxInstances,
    logGroup: new LogGroup(scope, 'FunctionLog', { retention: RetentionDays.ONE_MONTH }),
    environment: {
      ...commonEnvironment(storage, parameters),
      // The distribution, and nobody else: the URL asks for AWS_IAM.
      FOVEA_TRUSTED_PROXIES: 'lambda',
      // One request at a time, and an instance that lives for minutes.
      FOVEA_RENDERERS: '1',
      FOVEA_MEMORY_MB: '256',
      FOVEA_SIGNING_SECRETS: resolved(secrets.signing),
    },
  });
  for (const statement of [
    list(storage.originals),
    read(storage.originals),
    list(storage.variants),
    keep(storage.variants),
  ]) {
    handler.addToRolePolicy(statement);
  }
  const url = handler.addFunctionUrl({
    authType: FunctionUrlAuthType.AWS_IAM,
    invokeMode: InvokeMode.RESPONSE_STREAM,
  });
  const oneMinute = { period: Duration.minutes(1) };
  return {
    origin: FunctionUrlOrigin.withOriginAccessControl(url, {
      readTimeout: Duration.seconds(30),
      ...(parameters.originShieldRegion === undefined ? {} : { originShieldRegion: parameters.originShieldRegion }),
    }),
    takesUploads: false,
    signals: {
      failures: handler.metric('Url5xxCount', { ...oneMinute, statistic: Stats.SUM }),
      slowest: { metric: handler.metricDuration({ ...oneMinute, statistic: Stats.p(99) }), threshold: 5000 },
      saturation: {
        metric: handler.metric('ConcurrentExecutions', { ...oneMinute, statistic: Stats.MAXIMUM }),
        threshold: maxInstances * 0.8,
      },
      restarts: { metric: handler.metricErrors(oneMinute), threshold: 5 },
    },
    servedBy: () => undefined,
  };
}
