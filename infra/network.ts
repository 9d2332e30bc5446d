import { Duration } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  Peer,
  Port,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Parameters } from './parameters.ts';

/** The network that is named, or one of our own. */
export function createNetwork(scope: Construct, parameters: Parameters): IVpc {
  const { network } = parameters;
  if (network === undefined) return createOwnNetwork(scope, parameters);
  return Vpc.fromVpcAttributes(scope, 'Network', {
    vpcId: network.vpcId,
    vpcCidrBlock: network.cidr,
    availabilityZones: [...network.availabilityZones],
    privateSubnetIds: [...network.privateSubnetIds],
  });
}

/** Two zones, tasks in private subnets; pictures reach S3 through a gateway that costs nothing, and not through NAT. */
function createOwnNetwork(scope: Construct, parameters: Parameters): Vpc {
  const vpc = new Vpc(scope, 'Network', {
    ipAddresses: IpAddresses.cidr('10.40.0.0/16'),
    maxAzs: 2,
    natGateways: parameters.natGateways,
    subnetConfiguration: [
      { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
      { name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
    ],
    gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
  });
  vpc.addFlowLog('Rejected', {
    trafficType: FlowLogTrafficType.REJECT,
    destination: FlowLogDestination.toCloudWatchLogs(
      new LogGroup(scope, 'RejectedTraffic', { retention: RetentionDays.ONE_MONTH }),
    ),
  });
  return vpc;
}

/** The balancer that CloudFront reaches as a VPC origin: it has no public address. */
export function createBalancer(scope: Construct, vpc: IVpc, parameters: Parameters): ApplicationLoadBalancer {
  const balancer = new ApplicationLoadBalancer(scope, 'Balancer', {
    vpc,
    internetFacing: false,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    // Shorter than the 65 s for which the service keeps a connection: the service never closes first.
    idleTimeout: Duration.seconds(60),
    dropInvalidHeaderFields: true,
  });
  const { cloudfrontPrefixList } = parameters;
  const callers = cloudfrontPrefixList === undefined ? Peer.anyIpv4() : Peer.prefixList(cloudfrontPrefixList);
  balancer.connections.allowFrom(callers, Port.tcp(80), 'CloudFront, through its VPC origin');
  return balancer;
}
