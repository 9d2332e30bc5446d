import {
  ContainerDependencyCondition,
  ContainerImage,
  type FargateTaskDefinition,
  Secret as TaskSecret,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { logsOf } from './service-process.ts';

/** Namespace in CloudWatch of what the service says of itself. */
export const metricsNamespace = 'fovea';

const image = 'public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3';

export interface MetricsSidecarParts {
  readonly port: number;
  readonly adminToken: Secret;
}

/**
 * Reads the service's metrics page from within its task and brings a handful of it to CloudWatch, where scaling and
 * alarms can see it. It is not essential: without it the service goes on, and scales on its processors alone.
 */
export function addMetricsSidecar(scope: Construct, task: FargateTaskDefinition, parts: MetricsSidecarParts): void {
  const logGroup = new LogGroup(scope, 'Metrics', { retention: RetentionDays.ONE_MONTH });
  const container = task.addContainer('metrics', {
    image: ContainerImage.fromRegistry(image),
    essential: false,
    memoryReservationMiB: 64,
    memoryLimitMiB: 256,
    logging: logsOf(scope, 'MetricsLog'),
    environment: { AOT_CONFIG_CONTENT: JSON.stringify(configuration(parts.port, logGroup.logGroupName)) },
    secrets: { ADMIN_TOKEN: TaskSecret.fromSecretsManager(parts.adminToken) },
  });
  if (task.defaultContainer !== undefined) {
    container.addContainerDependencies({
      container: task.defaultContainer,
      condition: ContainerDependencyCondition.START,
    });
  }
  task.addToTaskRolePolicy(
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  );
}

/** The collector's configuration; JSON is YAML. Metrics arrive as log lines that CloudWatch reads numbers from. */
function configuration(port: number, logGroupName: string) {
  const byService = ['service'];
  return {
    receivers: {
      prometheus: {
        config: {
          scrape_configs: [
            {
              job_name: 'fovea',
              scrape_interval: '15s',
              metrics_path: '/-/metrics',
              authorization: { type: 'Bearer', credentials: '$' + '{env:ADMIN_TOKEN}' },
              static_configs: [{ targets: [`127.0.0.1:${port}`], labels: { service: 'origin' } }],
            },
          ],
        },
      },
    },
    exporters: {
      awsemf: {
        namespace: metricsNamespace,
        log_group_name: logGroupName,
        dimension_rollup_option: 'NoDimensionRollup',
        metric_declarations: [
          {
            dimensions: [byService],
            metric_name_selectors: [
              '^fovea_queue_depth$',
              '^fovea_memory_bytes$',
              '^fovea_bugs_total$',
              '^fovea_poisons_total$',
            ],
          },
          { dimensions: [[...byService, 'tier']], metric_name_selectors: ['^fovea_tier_hits_total$'] },
          { dimensions: [[...byService, 'event']], metric_name_selectors: ['^fovea_render_process_events_total$'] },
          { dimensions: [[...byService, 'reason']], metric_name_selectors: ['^fovea_refusals_total$'] },
        ],
      },
    },
    service: { pipelines: { metrics: { receivers: ['prometheus'], exporters: ['awsemf'] } } },
  };
}
