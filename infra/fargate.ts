import { Duration } from 'aws-cdk-lib';
import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront';
import { OriginProtocolPolicy } from 'aws-cdk-lib/aws-cloudfront';
import { VpcOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import {
  type ContainerDefinition,
  FargateService,
  type FargateTaskDefinition,
  Secret as TaskSecret,
} from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationProtocol,
  type ApplicationTargetGroup,
  HttpCodeTarget,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { addMetricsSidecar, metricsNamespace } from './metrics-sidecar.ts';
import { createBalancer } from './network.ts';
import type { Parameters } from './parameters.ts';
import { invalidate, keep, list, publish, read, readVersions, takeBack } from './permissions.ts';
import {
  type Compute,
  type ComputeParts,
  commonEnvironment,
  createTask,
  logsOf,
  type Signals,
  serviceImage,
  stopTimeout,
} from './service-process.ts';

const port = 3000;

/** The service on ECS Fargate behind a balancer without a public address. */
export function createFargateService(scope: Construct, parts: ComputeParts, parameters: Parameters): Compute {
  const task = createTask(scope, 'Task', parameters);
  const container = addServiceContainer(scope, task, parts, parameters);
  addMetricsSidecar(scope, task, { port, adminToken: parts.secrets.admin });
  const { originals, variants } = parts.storage;
  const ofOriginals = [read(originals), ...publish(originals), takeBack(originals), ...readVersions(originals)];
  for (const statement of [list(originals), ...ofOriginals]) task.addToTaskRolePolicy(statement);
  for (const statement of [list(variants), keep(variants)]) task.addToTaskRolePolicy(statement);
  const service = new FargateService(scope, 'Service', {
    cluster: parts.cluster,
    taskDefinition: task,
    desiredCount: parameters.tasks.min,
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { rollback: true },
    healthCheckGracePeriod: Duration.seconds(30),
    enableExecuteCommand: false,
  });
  const { balancer, targets } = balance(scope, parts, service, parameters);
  scale(service, parameters);
  return {
    origin: VpcOrigin.withApplicationLoadBalancer(balancer, {
      protocolPolicy: OriginProtocolPolicy.HTTP_ONLY,
      httpPort: 80,
      // Shorter than the balancer's 60 s.
      keepaliveTimeout: Duration.seconds(55),
      // A render may take ten seconds, after some in the queue. Stale answers wait for it, so it is no longer than that.
      readTimeout: Duration.seconds(20),
      connectionAttempts: 2,
      connectionTimeout: Duration.seconds(3),
      ...(parameters.originShieldRegion === undefined ? {} : { originShieldRegion: parameters.originShieldRegion }),
    }),
    takesUploads: true,
    signals: signalsOf(service, targets),
    servedBy(distribution: IDistribution) {
      container.addEnvironment('FOVEA_CDN', `cloudfront:${distribution.distributionId}`);
      task.addToTaskRolePolicy(invalidate(distribution));
    },
  };
}

function addServiceContainer(
  scope: Construct,
  task: FargateTaskDefinition,
  { storage, secrets, vpc }: ComputeParts,
  parameters: Parameters,
): ContainerDefinition {
  return task.addContainer('service', {
    image: serviceImage(parameters),
    portMappings: [{ containerPort: port }],
    stopTimeout,
    logging: logsOf(scope, 'ServiceLog'),
    environment: {
      ...commonEnvironment(storage, parameters),
      // The balancer, and CloudFront's way into the network.
      FOVEA_TRUSTED_PROXIES: vpc.vpcCidrBlock,
      // A quarter of the task; the rest is for renders, of which one may take 850 MB.
      FOVEA_MEMORY_MB: String(Math.floor(parameters.taskSize.memoryMiB / 4)),
    },
    secrets: {
      FOVEA_SIGNING_SECRETS: TaskSecret.fromSecretsManager(secrets.signing),
      FOVEA_ADMIN_TOKEN: TaskSecret.fromSecretsManager(secrets.admin),
    },
  });
}

function balance(scope: Construct, { vpc }: ComputeParts, service: FargateService, parameters: Parameters) {
  const balancer = createBalancer(scope, vpc, parameters);
  const listener = balancer.addListener('Http', { port: 80, protocol: ApplicationProtocol.HTTP, open: false });
  const targets = listener.addTargets('Tasks', {
    port,
    protocol: ApplicationProtocol.HTTP,
    targets: [service.loadBalancerTarget({ containerName: 'service', containerPort: port })],
    // As long as the service's own drain.
    deregistrationDelay: Duration.seconds(25),
    healthCheck: {
      path: '/-/ready',
      interval: Duration.seconds(10),
      timeout: Duration.seconds(5),
      healthyThresholdCount: 2,
      unhealthyThresholdCount: 3,
    },
  });
  return { balancer, targets };
}

const queueDepth = new Metric({
  namespace: metricsNamespace,
  metricName: 'fovea_queue_depth',
  dimensionsMap: { service: 'origin' },
  statistic: Stats.AVERAGE,
  period: Duration.minutes(1),
});

function scale(service: FargateService, { tasks }: Parameters): void {
  const scaling = service.autoScaleTaskCount({ minCapacity: tasks.min, maxCapacity: tasks.max });
  const cooldowns = { scaleInCooldown: Duration.minutes(5), scaleOutCooldown: Duration.seconds(30) };
  scaling.scaleOnCpuUtilization('Processor', { targetUtilizationPercent: 60, ...cooldowns });
  // Renders waiting per task: four are some 200 ms of waiting, and the queue refuses from 64 on.
  scaling.scaleToTrackCustomMetric('Queue', { metric: queueDepth, targetValue: 4, ...cooldowns });
}

function signalsOf(service: FargateService, targets: ApplicationTargetGroup): Signals {
  const oneMinute = { period: Duration.minutes(1) };
  return {
    failures: targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, oneMinute),
    // A cold AVIF of a large picture takes seconds; one in a hundred requests taking three is not that.
    slowest: { metric: targets.metrics.targetResponseTime({ ...oneMinute, statistic: Stats.p(99) }), threshold: 3 },
    saturation: { metric: service.metricCpuUtilization(oneMinute), threshold: 85 },
    restarts: {
      metric: new Metric({
        namespace: metricsNamespace,
        metricName: 'fovea_render_process_events_total',
        dimensionsMap: { service: 'origin', event: 'died' },
        statistic: Stats.SUM,
        period: Duration.minutes(5),
      }),
      threshold: 5,
    },
  };
}
