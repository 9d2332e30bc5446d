import { describe, expect, it } from 'vitest';
import { listAt, resourcesOf, statementsOf, templateFor, valueAt } from './templates.ts';

const context = {
  originalsBucket: 'our-pictures',
  variantsBucket: 'our-variants',
  vpcId: 'vpc-0123456789abcdef0',
  vpcCidr: '10.1.0.0/16',
  availabilityZones: 'eu-central-1a,eu-central-1b',
  privateSubnetIds: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
  distributionId: 'E1EXAMPLE',
  architecture: 'x86_64',
};
const template = templateFor(context);
const count = (type: string) => resourcesOf(template, type).length;
const outputsOf = (of: typeof template) => Object.keys(of.toJSON()['Outputs']).sort();

function containers(): readonly unknown[] {
  return resourcesOf(template, 'AWS::ECS::TaskDefinition').flatMap(({ Properties }) =>
    listAt(Properties, 'ContainerDefinitions'),
  );
}

describe('what is there already', () => {
  it('is not made again, and stays as it is', () => {
    const made = ['VPC', 'Subnet', 'NatGateway', 'VPCEndpoint'].map((name) => count(`AWS::EC2::${name}`));
    expect(made).toEqual([0, 0, 0, 0]);
    expect(count('AWS::CloudFront::Distribution')).toBe(0);
    expect(resourcesOf(template, 'AWS::S3::Bucket').map(({ id }) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual(['Logs']);
    expect(count('AWS::Lambda::Function')).toBe(0);
  });

  it('is what tasks, rights and purges name', () => {
    const said = containers().map((container) => JSON.stringify(valueAt(container, 'Environment') ?? []));
    const services = said.filter((text) => text.includes('FOVEA_ORIGINALS'));
    expect(services).toHaveLength(3);
    for (const text of services) {
      expect(text).toContain('{"Name":"FOVEA_ORIGINALS","Value":"s3://our-pictures"}');
      expect(text).toContain('{"Name":"FOVEA_VARIANTS","Value":"s3://our-variants"}');
    }
    expect(said.filter((text) => text.includes('"Value":"cloudfront:E1EXAMPLE"'))).toHaveLength(2);
    expect(said.filter((text) => text.includes('"Value":"10.1.0.0/16"'))).toHaveLength(1);
    const granted = JSON.stringify(statementsOf(template).filter(({ Effect }) => Effect === 'Allow'));
    for (const part of [':s3:::our-pictures/*', ':s3:::our-variants/*', ':distribution/E1EXAMPLE'])
      expect(granted).toContain(part);
  });

  it('is where tasks and the balancer are', () => {
    const [balancer] = resourcesOf(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
    expect(valueAt(balancer?.Properties, 'Subnets')).toEqual(context.privateSubnetIds.split(','));
    for (const { Properties } of resourcesOf(template, 'AWS::ECS::Service'))
      expect(valueAt(Properties, 'NetworkConfiguration.AwsvpcConfiguration.Subnets')).toEqual(
        context.privateSubnetIds.split(','),
      );
  });

  it('tells of originals by EventBridge, which only this rule sends to the queue', () => {
    const [rule] = resourcesOf(template, 'AWS::Events::Rule').filter(({ id }) => id.startsWith('OriginalsChanged'));
    expect(valueAt(rule?.Properties, 'EventPattern')).toEqual({
      source: ['aws.s3'],
      'detail-type': ['Object Created', 'Object Deleted'],
      detail: { bucket: { name: ['our-pictures'] } },
    });
    const sending = statementsOf(template).filter(({ Principal }) =>
      JSON.stringify(Principal)?.includes('events.amazonaws'),
    );
    const toQueue = sending.filter(({ Action }) => JSON.stringify(Action).includes('sqs:SendMessage'));
    expect(toQueue).toHaveLength(1);
    expect(JSON.stringify(toQueue[0]?.Condition)).toContain(rule?.id);
  });

  it('is told what its behaviours need', () => {
    expect(outputsOf(template)).toEqual([
      'CachePolicyId',
      'DistributionId',
      'OriginDomainName',
      'ResponseHeadersPolicyId',
      'ViewerRequestFunctionArn',
      'VpcOriginId',
    ]);
  });

  it('may ask a function too, and is the only one that may', () => {
    const lambda = templateFor({ compute: 'lambda', distributionId: 'E1EXAMPLE' });
    expect(outputsOf(lambda)).toContain('OriginAccessControlId');
    const [permission] = resourcesOf(lambda, 'AWS::Lambda::Permission');
    expect(JSON.stringify(valueAt(permission?.Properties, 'SourceArn'))).toContain(':distribution/E1EXAMPLE');
  });
});

describe('a domain whose DNS is elsewhere', () => {
  const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/1';
  const elsewhere = templateFor({ domain: 'img.example.com', certificateArn });

  it('is a name of the distribution, and gets no records', () => {
    const [distribution] = resourcesOf(elsewhere, 'AWS::CloudFront::Distribution');
    expect(valueAt(distribution?.Properties, 'DistributionConfig.Aliases')).toEqual(['img.example.com']);
    expect(valueAt(distribution?.Properties, 'DistributionConfig.ViewerCertificate.AcmCertificateArn')).toBe(
      certificateArn,
    );
    expect(resourcesOf(elsewhere, 'AWS::Route53::RecordSet')).toEqual([]);
    expect(resourcesOf(elsewhere, 'AWS::CertificateManager::Certificate')).toEqual([]);
  });
});

describe('the architecture', () => {
  it.each([
    ['arm64', 'ARM64', 'arm64'],
    ['x86_64', 'X86_64', 'x86_64'],
  ])('of everything that runs is %s', (architecture, ofTasks, ofFunctions) => {
    const template = templateFor({ compute: 'lambda', architecture });
    const tasks = resourcesOf(template, 'AWS::ECS::TaskDefinition').map(({ Properties }) =>
      valueAt(Properties, 'RuntimePlatform.CpuArchitecture'),
    );
    expect(new Set(tasks)).toEqual(new Set([ofTasks]));
    const [handler] = resourcesOf(template, 'AWS::Lambda::Function').filter(({ id }) => id.startsWith('Function'));
    expect(valueAt(handler?.Properties, 'Architectures')).toEqual([ofFunctions]);
  });
});
