import { type Stack, Validations } from 'aws-cdk-lib';
import type { Parameters } from './parameters.ts';

interface Acknowledgement {
  /** Ids of constructs, from the stack down; those that a stack does not have are passed over. */
  readonly of: readonly string[];
  readonly rules: readonly string[];
  readonly reason: string;
}

const taskRoles = ['Task/TaskRole', 'WorkerTask/TaskRole', 'CleanUpTask/TaskRole', 'Function/ServiceRole'];

/** Findings of cdk-nag that we live with: one line each, with the reason. */
const acknowledgements: readonly Acknowledgement[] = [
  {
    of: ['Variants'],
    rules: ['AwsSolutions-S1'],
    reason: 'Everything in it can be made again, and only the service reads it, whose own log has each request.',
  },
  {
    of: ['Logs'],
    rules: ['AwsSolutions-S1'],
    reason: 'It holds logs: who reads them is in the account’s own trail.',
  },
  {
    of: ['SigningSecret', 'AdminToken'],
    rules: ['AwsSolutions-SMG4'],
    reason:
      'Rotation is by hand: a new signing secret is put in front of the old one, which stays until all signed URLs are gone; nobody but the team knows when.',
  },
  {
    of: taskRoles,
    rules: [
      'AwsSolutions-IAM5[Resource::<Originals63BA965B.Arn>/*]',
      'AwsSolutions-IAM5[Resource::<Originals63BA965B.Arn>/.fovea-staging/*]',
      'AwsSolutions-IAM5[Resource::<Variants1144BE65.Arn>/*]',
    ],
    reason: 'The objects of one bucket of ours, whose names are not known beforehand; the actions are spelt out.',
  },
  {
    of: ['Task/ExecutionRole', 'WorkerTask/ExecutionRole', 'CleanUpTask/ExecutionRole'],
    rules: ['AwsSolutions-IAM5[Resource::*]'],
    reason: 'ecr:GetAuthorizationToken knows no resource.',
  },
  {
    of: ['CleanUpTask/EventsRole'],
    rules: ['AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:*:task/<ClusterEB0386A7>/*]'],
    reason: 'A task has no name before it runs; these are the tasks of our own cluster.',
  },
  {
    of: ['Task', 'WorkerTask', 'CleanUpTask'],
    rules: ['AwsSolutions-ECS2'],
    reason: 'What is set there is no secret; secrets come from Secrets Manager.',
  },
  {
    of: ['Task'],
    rules: ['CloudFormation-Validate::E1029'],
    reason: 'The collector replaces it when it starts, from a secret; CloudFormation must not.',
  },
  {
    of: ['Balancer'],
    rules: ['AwsSolutions-ELB2'],
    reason: 'Every request is in the logs of CloudFront and of the service already.',
  },
  {
    of: ['Balancer'],
    rules: ['AwsSolutions-EC23'],
    reason:
      'It has no public address. Where CloudFront’s prefix list of the region is given (cloudfrontPrefixList), only that is let in.',
  },
  {
    of: ['Function/ServiceRole'],
    rules: ['AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]'],
    reason: 'It grants writing to logs and nothing else.',
  },
  {
    of: ['Distribution'],
    rules: ['AwsSolutions-CFR4'],
    reason:
      'CloudFront’s own name comes with its own certificate and versions; with a domain of ours TLS 1.2 is the least.',
  },
  {
    of: ['Distribution'],
    rules: ['AwsSolutions-CFR1', 'AwsSolutions-CFR2'],
    reason:
      'Pictures are for everybody. A firewall in front is the team’s choice, for the price of one more charge per request.',
  },
];

function qualified(rule: string): string {
  return rule.includes('::') && !rule.startsWith('AwsSolutions-') ? rule : `AwsSolutions::${rule}`;
}

/** The same that is said of the objects of our own buckets, for those that were there before. */
function ofNamedBuckets({ buckets }: Parameters): Acknowledgement {
  const names = [buckets.originals, buckets.variants].filter((name) => name !== undefined);
  return {
    of: taskRoles,
    rules: names.flatMap((name) =>
      ['*', '.fovea-staging/*'].map(
        (objects) => `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::${name}/${objects}]`,
      ),
    ),
    reason: 'The objects of one bucket that the team has named, whose names are not known beforehand.',
  };
}

/** Writes the acknowledgements onto the constructs they are for. */
export function acknowledgeFindings(stack: Stack, parameters: Parameters): void {
  for (const { of, rules, reason } of [...acknowledgements, ofNamedBuckets(parameters)]) {
    for (const path of of) {
      const [name = '', child] = path.split('/');
      const construct = stack.node.tryFindChild(name);
      const target = child === undefined ? construct : construct?.node.tryFindChild(child);
      if (target !== undefined)
        Validations.of(target).acknowledge(...rules.map((rule) => ({ id: qualified(rule), reason })));
    }
  }
}
