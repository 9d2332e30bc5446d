import { readFileSync } from 'node:fs';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { actionsOf, listAt, resourcesOf, statementsOf, templateFor, valueAt } from './templates.ts';

const fargate = templateFor({ uploadOrigins: 'https://shop.example.com,https://admin.example.com' });
const lambda = templateFor({ compute: 'lambda' });
const both = [
  ['fargate', fargate],
  ['lambda', lambda],
] as const;

function sourceOf(path: string): string {
  return readFileSync(new URL(`../../src/${path}`, import.meta.url), 'utf8');
}

describe.each(both)('on %s', (_, template) => {
  it('opens no bucket to the public, and takes no plain HTTP', () => {
    const buckets = resourcesOf(template, 'AWS::S3::Bucket');
    expect(buckets).toHaveLength(3);
    for (const { Properties } of buckets) {
      expect(valueAt(Properties, 'PublicAccessBlockConfiguration')).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
    }
    const refusals = statementsOf(template).filter(
      ({ Effect, Condition }) =>
        Effect === 'Deny' && JSON.stringify(Condition) === '{"Bool":{"aws:SecureTransport":"false"}}',
    );
    expect(new Set(refusals.map((statement) => statement.in)).size).toBeGreaterThanOrEqual(buckets.length + 2);
  });

  it('grants no wildcard action, and nothing to everybody', () => {
    const allowed = statementsOf(template).filter(({ Effect }) => Effect === 'Allow');
    expect(allowed.length).toBeGreaterThan(10);
    for (const statement of allowed) {
      expect(actionsOf(statement).filter((action) => action.includes('*'))).toEqual([]);
      expect(JSON.stringify(statement.Principal ?? '')).not.toMatch(/"\*"/);
    }
  });

  it('grants every resource only to what knows no resource', () => {
    const everywhere = statementsOf(template).filter(({ Effect, Resource }) => Effect === 'Allow' && Resource === '*');
    expect(new Set(everywhere.flatMap(actionsOf))).toEqual(new Set(['ecr:GetAuthorizationToken']));
  });

  it('keeps the originals, with their versions, when the stack goes', () => {
    const [originals] = resourcesOf(template, 'AWS::S3::Bucket').filter(({ id }) => id.startsWith('Originals'));
    expect(originals?.DeletionPolicy).toBe('Retain');
    expect(valueAt(originals?.Properties, 'VersioningConfiguration')).toEqual({ Status: 'Enabled' });
  });

  it('expires staged uploads after a day, unfinished ones too, and variants after 90', () => {
    const rulesOf = (name: string) =>
      valueAt(
        resourcesOf(template, 'AWS::S3::Bucket').find(({ id }) => id.startsWith(name))?.Properties,
        'LifecycleConfiguration.Rules',
      );
    expect(rulesOf('Originals')).toEqual([
      {
        Id: 'staging',
        Prefix: '.fovea-staging/',
        Status: 'Enabled',
        ExpirationInDays: 1,
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      },
      { Id: 'unfinished-uploads', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
      { Id: 'replaced', Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 30 } },
      { Id: 'markers-of-nothing', Status: 'Enabled', ExpiredObjectDeleteMarker: true },
    ]);
    expect(rulesOf('Variants')).toContainEqual({ Id: 'made-again-on-demand', Status: 'Enabled', ExpirationInDays: 90 });
  });

  it('tells the queue of originals created and removed, and puts aside what fails five times', () => {
    const [queue] = resourcesOf(template, 'AWS::SQS::Queue').filter(({ id }) => id.startsWith('Events'));
    const [originals] = resourcesOf(template, 'AWS::S3::Bucket').filter(({ id }) => id.startsWith('Originals'));
    const address = { 'Fn::GetAtt': [queue?.id, 'Arn'] };
    expect(valueAt(originals?.Properties, 'NotificationConfiguration.QueueConfigurations')).toEqual([
      { Event: 's3:ObjectCreated:*', Queue: address },
      { Event: 's3:ObjectRemoved:*', Queue: address },
    ]);
    expect(valueAt(queue?.Properties, 'RedrivePolicy.maxReceiveCount')).toBe(5);
    expect(statementsOf(template)).toContainEqual(
      expect.objectContaining({
        Action: 'sqs:SendMessage',
        Principal: { Service: 's3.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    );
  });

  it('adds no function of the CDK’s own', () => {
    const names = resourcesOf(template, 'AWS::Lambda::Function').map(({ id }) => id);
    expect(names.filter((name) => !name.startsWith('Function'))).toEqual([]);
    expect(template.findResources('Custom::S3BucketNotifications')).toEqual({});
  });

  it('sets only variables that the service knows', () => {
    const known = new Set(sourceOf('config/variables.ts').match(/\bFOVEA_[A-Z0-9_]+/g));
    const used = JSON.stringify(template.toJSON()).match(/FOVEA_[A-Z0-9_]+/g) ?? [];
    expect(new Set(used).size).toBeGreaterThan(5);
    expect([...new Set(used)].filter((name) => !known.has(name))).toEqual([]);
  });

  it('gives a process longer to stop than it takes to drain', () => {
    const millisecondsIn = (path: string, name: string) =>
      Number(new RegExp(`${name}[:=\\s]+'?([\\d_]+)`).exec(sourceOf(path))?.[1]?.replaceAll('_', ''));
    const drainMs =
      1000 * millisecondsIn('config/variables.ts', 'FOVEA_DRAIN_SECONDS: \\{[^}]*fallback') +
      millisecondsIn('http/listen/listen-limits.ts', 'drainTimeoutMs') +
      millisecondsIn('variants/purge/edge-purges.ts', 'flushTimeoutMs');
    expect(drainMs).toBeGreaterThan(25_000);
    const containers = resourcesOf(template, 'AWS::ECS::TaskDefinition').flatMap(({ Properties }) =>
      listAt(Properties, 'ContainerDefinitions'),
    );
    const serving = containers.filter((container) => /^(service|worker)$/.test(String(valueAt(container, 'Name'))));
    expect(serving.length).toBeGreaterThan(0);
    for (const container of serving)
      expect(Number(valueAt(container, 'StopTimeout')) * 1000).toBeGreaterThan(drainMs + 30_000);
  });

  it('runs everything on arm64', () => {
    for (const { Properties } of resourcesOf(template, 'AWS::ECS::TaskDefinition')) {
      expect(valueAt(Properties, 'RuntimePlatform.CpuArchitecture')).toBe('ARM64');
    }
    for (const { Properties } of resourcesOf(template, 'AWS::Lambda::Function')) {
      expect(valueAt(Properties, 'Architectures')).toEqual(['arm64']);
    }
  });

  it('tells somebody of dead letters, failures, slowness, saturation and restarts', () => {
    // Those of scaling are named after what they scale.
    const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(({ id }) => !id.startsWith('Worker'));
    const names = alarms.map(({ id }) => id.replace(/[0-9A-F]{8}$/, ''));
    expect(names.sort()).toEqual([
      'BacklogAlarm',
      'DeadLetterAlarm',
      'EdgeFailureAlarm',
      'FailureAlarm',
      'RestartAlarm',
      'SaturationAlarm',
      'SlowAlarm',
    ]);
    const [topic] = resourcesOf(template, 'AWS::SNS::Topic');
    for (const { Properties } of alarms) expect(valueAt(Properties, 'AlarmActions')).toEqual([{ Ref: topic?.id }]);
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  });

  it('cleans up every night, with rights over variants and staged uploads alone', () => {
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'cron(17 3 * * ? *)', State: 'ENABLED' });
    const deletes = statementsOf(template).filter(
      (statement) => statement.in.startsWith('CleanUpTask') && actionsOf(statement).includes('s3:DeleteObject'),
    );
    expect(deletes).toHaveLength(2);
    const text = JSON.stringify(deletes.map(({ Resource }) => Resource));
    expect(text).toMatch(/Originals[0-9A-F]{8}","Arn"\]\},"\/\.fovea-staging\/\*"/);
    expect(text).not.toMatch(/Originals[0-9A-F]{8}","Arn"\]\},"\/\*"/);
  });

  it('gives the queue to the worker alone', () => {
    const users = statementsOf(template).filter(
      (statement) =>
        statement.Principal === undefined && actionsOf(statement).some((action) => action.startsWith('sqs:')),
    );
    expect(users.map((statement) => statement.in.replace(/DefaultPolicy.*/, ''))).toEqual(['WorkerTaskTaskRole']);
    expect(new Set(users.flatMap(actionsOf))).toEqual(
      new Set([
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:ChangeMessageVisibility',
        'sqs:GetQueueAttributes',
        'sqs:SendMessage',
      ]),
    );
  });

  it('needs no account and no region to be written', () => {
    expect(JSON.stringify(template.toJSON())).not.toMatch(/\b\d{12}\b/);
  });
});

describe('on Fargate', () => {
  it('gives what the bucket has kept of originals to the service alone, to be listed and read', () => {
    const versions = statementsOf(fargate).flatMap((statement) =>
      actionsOf(statement)
        .filter((action) => /Version/.test(action))
        .map((action) => [action, statement.in.replace(/DefaultPolicy.*$/, '')]),
    );
    expect(versions.sort()).toEqual([
      ['s3:GetObjectVersion', 'TaskTaskRole'],
      ['s3:ListBucketVersions', 'TaskTaskRole'],
    ]);
  });

  it('listens where nobody outside can reach it', () => {
    fargate.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internal' });
    fargate.resourceCountIs('AWS::CloudFront::VpcOrigin', 1);
    for (const { Properties } of resourcesOf(fargate, 'AWS::ECS::Service')) {
      expect(valueAt(Properties, 'NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp')).toBe('DISABLED');
    }
  });

  it('hears only CloudFront’s addresses when their list is given', () => {
    const template = templateFor({ cloudfrontPrefixList: 'pl-0123456789abcdef0' });
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { SourcePrefixListId: 'pl-0123456789abcdef0' });
    expect(JSON.stringify(template.findResources('AWS::EC2::SecurityGroup'))).not.toMatch(/"FromPort":80/);
  });

  it('asks for readiness, and rolls back what does not become ready', () => {
    fargate.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      HealthCheckPath: '/-/ready',
      TargetGroupAttributes: Match.arrayWith([{ Key: 'deregistration_delay.timeout_seconds', Value: '25' }]),
    });
    for (const { Properties } of resourcesOf(fargate, 'AWS::ECS::Service')) {
      expect(valueAt(Properties, 'DeploymentConfiguration')).toMatchObject({
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        MinimumHealthyPercent: 100,
      });
    }
  });

  it('scales on processors and on renders that wait', () => {
    const policies = resourcesOf(fargate, 'AWS::ApplicationAutoScaling::ScalingPolicy').map(({ Properties }) =>
      JSON.stringify(valueAt(Properties, 'TargetTrackingScalingPolicyConfiguration') ?? ''),
    );
    expect(policies.some((policy) => policy.includes('ECSServiceAverageCPUUtilization'))).toBe(true);
    expect(policies.some((policy) => policy.includes('"fovea_queue_depth"'))).toBe(true);
  });

  it('names metrics that the service has', () => {
    const telemetry = sourceOf('sinks/metrics.ts') + sourceOf('service/service.ts');
    const names = new Set(JSON.stringify(fargate.toJSON()).match(/\bfovea_[a-z]+(_[a-z]+)+/g));
    expect(names.size).toBeGreaterThan(4);
    for (const name of names) expect(telemetry).toContain(`'${name.slice('fovea_'.length)}'`);
  });

  it('takes secrets by reference', () => {
    const [task] = resourcesOf(fargate, 'AWS::ECS::TaskDefinition').filter(({ id }) => /^Task[0-9A-F]{8}$/.test(id));
    const service = listAt(task?.Properties, 'ContainerDefinitions').find(
      (container) => valueAt(container, 'Name') === 'service',
    );
    const secrets = listAt(service, 'Secrets').map((secret) => valueAt(secret, 'Name'));
    expect(secrets.sort()).toEqual(['FOVEA_ADMIN_TOKEN', 'FOVEA_SIGNING_SECRETS']);
    const plain = listAt(service, 'Environment').map((variable) => valueAt(variable, 'Name'));
    expect(plain).not.toContain('FOVEA_ADMIN_TOKEN');
  });

  it('lets pages of the named sites upload, and no others', () => {
    const corsOf = (template: typeof fargate) =>
      resourcesOf(template, 'AWS::S3::Bucket')
        .map(({ Properties }) => valueAt(Properties, 'CorsConfiguration'))
        .filter(Boolean);
    expect(corsOf(fargate)).toEqual([
      {
        CorsRules: [
          expect.objectContaining({
            AllowedMethods: ['PUT', 'POST'],
            AllowedOrigins: ['https://shop.example.com', 'https://admin.example.com'],
            ExposedHeaders: ['ETag', 'Location'],
          }),
        ],
      },
    ]);
    expect(corsOf(lambda)).toEqual([]);
  });
});

describe('on Lambda', () => {
  it('streams behind a URL that only the distribution may call', () => {
    lambda.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'AWS_IAM', InvokeMode: 'RESPONSE_STREAM' });
    lambda.hasResourceProperties('AWS::CloudFront::OriginAccessControl', {
      OriginAccessControlConfig: { OriginAccessControlOriginType: 'lambda', SigningBehavior: 'always' },
    });
    const permissions = resourcesOf(lambda, 'AWS::Lambda::Permission');
    expect(permissions.length).toBeGreaterThan(0);
    for (const { Properties } of permissions) {
      expect(valueAt(Properties, 'Principal')).toBe('cloudfront.amazonaws.com');
      expect(JSON.stringify(valueAt(Properties, 'SourceArn'))).toContain('distribution/');
    }
  });

  it('may read originals, and not write them', () => {
    const grants = statementsOf(lambda).filter((statement) => statement.in.startsWith('FunctionServiceRole'));
    const onOriginals = grants.filter(({ Resource }) => JSON.stringify(Resource ?? '').includes('Originals'));
    expect(new Set(onOriginals.flatMap(actionsOf))).toEqual(new Set(['s3:GetObject', 's3:ListBucket']));
  });
});
