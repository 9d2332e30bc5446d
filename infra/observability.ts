import { Duration } from 'aws-cdk-lib';
import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { Events } from './events.ts';
import type { Parameters } from './parameters.ts';
import type { Signals } from './service-process.ts';

export interface ObservabilityParts {
  readonly signals: Signals;
  readonly events: Events;
  readonly distribution: IDistribution;
}

interface Watch {
  readonly id: string;
  /** What it means and what to look at first. */
  readonly description: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** Minutes in a row. */
  readonly minutes: number;
}

/** Alarms for what somebody has to look at, one topic that tells them, and one page that shows it. */
export function createObservability(scope: Construct, parts: ObservabilityParts, parameters: Parameters): void {
  const topic = new Topic(scope, 'Alarms', { enforceSSL: true });
  if (parameters.alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(parameters.alarmEmail));
  const edge = edgeMetrics(parts.distribution);
  for (const { id, description, metric, threshold, minutes } of watches(parts, edge.failureRate)) {
    const alarm = new Alarm(scope, id, {
      alarmDescription: description,
      metric,
      threshold,
      evaluationPeriods: minutes,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
  }
  createDashboard(scope, parts, edge);
}

function watches({ signals, events }: ObservabilityParts, edgeFailureRate: IMetric): readonly Watch[] {
  return [
    {
      id: 'DeadLetterAlarm',
      description: 'An event of S3 could not be handled five times: read it from the dead-letter queue, mend, redrive.',
      metric: events.deadLetters.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1) }),
      threshold: 0,
      minutes: 1,
    },
    {
      id: 'BacklogAlarm',
      description: 'Events wait for more than ten minutes: is the worker running, does the store answer?',
      metric: events.queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(1) }),
      threshold: 600,
      minutes: 5,
    },
    {
      id: 'EdgeFailureAlarm',
      description: 'More than one request in a hundred fails at the edge: see the origin’s failures and its log.',
      metric: edgeFailureRate,
      threshold: 1,
      minutes: 5,
    },
    {
      id: 'FailureAlarm',
      description: 'The origin answers 5xx: bugs (500), the store (502), overload (503) or slow originals (504).',
      metric: signals.failures,
      threshold: 20,
      minutes: 3,
    },
    {
      id: 'SlowAlarm',
      description: 'The slowest hundredth of answers takes too long: look at queue depth, then at the store.',
      metric: signals.slowest.metric,
      threshold: signals.slowest.threshold,
      minutes: 10,
    },
    {
      id: 'SaturationAlarm',
      description: 'The service is nearly full for ten minutes: is scaling at its end (maxTasks), is this a flood?',
      metric: signals.saturation.metric,
      threshold: signals.saturation.threshold,
      minutes: 10,
    },
    {
      id: 'RestartAlarm',
      description: 'Processes keep ending by themselves: a hostile picture, memory, or a library at fault.',
      metric: signals.restarts.metric,
      threshold: signals.restarts.threshold,
      minutes: 1,
    },
  ];
}

/** CloudFront reports to us-east-1, whatever the stack's region. */
function edgeMetrics({ distributionId }: IDistribution) {
  const metric = (metricName: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/CloudFront',
      metricName,
      statistic,
      period: Duration.minutes(1),
      dimensionsMap: { DistributionId: distributionId, Region: 'Global' },
    });
  return {
    requests: metric('Requests', Stats.SUM),
    bytes: metric('BytesDownloaded', Stats.SUM),
    failureRate: metric('5xxErrorRate', Stats.AVERAGE),
    mistakeRate: metric('4xxErrorRate', Stats.AVERAGE),
  };
}

function createDashboard(
  scope: Construct,
  { signals, events }: ObservabilityParts,
  edge: ReturnType<typeof edgeMetrics>,
) {
  const graph = (title: string, left: IMetric[], right: IMetric[] = []) =>
    new GraphWidget({ title, left, right, width: 8, height: 6 });
  const depth = new MathExpression({
    expression: "SEARCH('{fovea,service} MetricName=\"fovea_queue_depth\"', 'Average', 60)",
    usingMetrics: {},
    label: 'renders waiting',
  });
  const tiers = new MathExpression({
    expression: "SEARCH('{fovea,service,tier} MetricName=\"fovea_tier_hits_total\"', 'Sum', 60)",
    usingMetrics: {},
    label: '',
  });
  new Dashboard(scope, 'Dashboard', {
    widgets: [
      [
        graph('At the edge', [edge.requests], [edge.bytes]),
        graph('Failures, per cent and count', [edge.failureRate, edge.mistakeRate], [signals.failures]),
        graph('Slowest hundredth', [signals.slowest.metric]),
      ],
      [
        graph('Saturation', [signals.saturation.metric], [depth]),
        graph('Where pictures came from', [tiers], [signals.restarts.metric]),
        graph(
          'Events',
          [events.queue.metricApproximateNumberOfMessagesVisible()],
          [events.deadLetters.metricApproximateNumberOfMessagesVisible()],
        ),
      ],
    ],
  });
}
