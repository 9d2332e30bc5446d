import { fileURLToPath } from 'node:url';
import { Aws, CfnOutput, CfnRule, Duration, Fn } from 'aws-cdk-lib';
import { Certificate, CertificateValidation, type ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  CfnDistribution,
  Distribution,
  Function as EdgeFunction,
  type ErrorResponse,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HttpVersion,
  type IDistribution,
  type IOrigin,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { AaaaRecord, ARecord, HostedZone, type IHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Domain, Parameters } from './parameters.ts';

export interface DeliveryParts {
  readonly origin: IOrigin;
  /** False where the origin cannot take bodies: then `/-/` is closed altogether. */
  readonly takesUploads: boolean;
  readonly logs: Bucket;
}

/** The response header whose tags an invalidation may name. S3's own metadata can carry it too, hence the name. */
const tagHeader = 'x-amz-meta-cache-tag';

/** What answers of the edge are made with, by whichever distribution. */
interface EdgeParts {
  readonly viewerRequest: EdgeFunction;
  readonly cachePolicy: CachePolicy;
  readonly headersPolicy: ResponseHeadersPolicy;
}

/** The distribution that the pictures are asked of: one of ours, or the one that is named. */
export function createDelivery(scope: Construct, parts: DeliveryParts, parameters: Parameters): IDistribution {
  const edge: EdgeParts = {
    viewerRequest: new EdgeFunction(scope, 'ViewerRequest', {
      code: FunctionCode.fromFile({ filePath: fileURLToPath(new URL('./edge/viewer-request.js', import.meta.url)) }),
      runtime: FunctionRuntime.JS_2_0,
      comment: 'fovea: Accept and Save-Data to one header, no query, no /-/',
    }),
    cachePolicy: createCachePolicy(scope),
    headersPolicy: createHeadersPolicy(scope),
  };
  const { distributionId, domain } = parameters;
  const distribution =
    distributionId === undefined
      ? createDistribution(scope, parts, { edge, domain })
      : describeOrigin(scope, parts.origin, { edge, distributionId });
  new CfnOutput(scope, 'DistributionId', { value: distribution.distributionId });
  return distribution;
}

/** Path and reduced Accept are the whole key, and everything of ours but uploads stays inside. */
function createDistribution(
  scope: Construct,
  { origin, takesUploads, logs }: DeliveryParts,
  { edge, domain }: { readonly edge: EdgeParts; readonly domain: Domain | undefined },
): Distribution {
  const zone = domain?.zone && zoneOf(scope, domain.zone);
  const common = {
    origin,
    viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    compress: false,
    functionAssociations: [{ function: edge.viewerRequest, eventType: FunctionEventType.VIEWER_REQUEST }],
    responseHeadersPolicy: edge.headersPolicy,
  };
  const distribution = new Distribution(scope, 'Distribution', {
    comment: 'fovea',
    httpVersion: HttpVersion.HTTP2_AND_3,
    defaultBehavior: {
      ...common,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
      cachePolicy: edge.cachePolicy,
    },
    additionalBehaviors: takesUploads ? uploadBehaviors(common) : {},
    errorResponses: errorLifetimes,
    enableLogging: true,
    logBucket: logs,
    logFilePrefix: 'edge/',
    ...(domain && { domainNames: [domain.name], certificate: certificateOf(scope, domain, zone) }),
  });
  const resource = distribution.node.defaultChild;
  if (!(resource instanceof CfnDistribution)) throw new Error('a distribution is made of a CfnDistribution');
  resource.addPropertyOverride('DistributionConfig.CacheTagConfig', { HeaderName: tagHeader });
  if (zone && domain) pointDomain(scope, domain, zone, distribution);
  new CfnOutput(scope, 'Url', { value: `https://${domain?.name ?? distribution.distributionDomainName}` });
  return distribution;
}

/** A distribution that is the team's stays theirs: what its behaviours need is made, and told in the outputs. */
function describeOrigin(
  scope: Construct,
  origin: IOrigin,
  { edge, distributionId }: { readonly edge: EdgeParts; readonly distributionId: string },
): IDistribution {
  const { originProperty } = origin.bind(scope, { originId: 'fovea', distributionId });
  const { domainName, originAccessControlId, vpcOriginConfig } = originProperty ?? {};
  const vpcOriginId =
    vpcOriginConfig !== undefined && 'vpcOriginId' in vpcOriginConfig ? vpcOriginConfig.vpcOriginId : undefined;
  const told = {
    OriginDomainName: domainName,
    VpcOriginId: vpcOriginId,
    OriginAccessControlId: originAccessControlId,
    CachePolicyId: edge.cachePolicy.cachePolicyId,
    ResponseHeadersPolicyId: edge.headersPolicy.responseHeadersPolicyId,
    ViewerRequestFunctionArn: edge.viewerRequest.functionArn,
  };
  for (const [id, value] of Object.entries(told)) if (value !== undefined) new CfnOutput(scope, id, { value });
  return Distribution.fromDistributionAttributes(scope, 'Distribution', { distributionId, domainName: '' });
}

/** What is in the key is also what the origin gets: no query, no cookie, and of the headers one. */
function createCachePolicy(scope: Construct): CachePolicy {
  return new CachePolicy(scope, 'ByPathAndAccept', {
    comment: 'fovea: path and x-fovea-accept',
    headerBehavior: CacheHeaderBehavior.allowList('x-fovea-accept'),
    queryStringBehavior: CacheQueryStringBehavior.none(),
    cookieBehavior: CacheCookieBehavior.none(),
    enableAcceptEncodingBrotli: false,
    enableAcceptEncodingGzip: false,
    // Every answer of the origin says how long it may be kept; the default is for one that came from elsewhere.
    minTtl: Duration.seconds(0),
    defaultTtl: Duration.seconds(0),
    maxTtl: Duration.days(365),
  });
}

/** CORS, CSP and CORP are the origin's to say; here is what answers of the edge itself need, and what stays inside. */
function createHeadersPolicy(scope: Construct): ResponseHeadersPolicy {
  return new ResponseHeadersPolicy(scope, 'Headers', {
    securityHeadersBehavior: {
      contentTypeOptions: { override: true },
      contentSecurityPolicy: { contentSecurityPolicy: "default-src 'none'; sandbox", override: false },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override: false },
      strictTransportSecurity: {
        accessControlMaxAge: Duration.days(365),
        includeSubdomains: false,
        override: true,
      },
    },
    removeHeaders: [tagHeader],
    // In per cent of answers: enough to see the hit ratio that browsers see.
    serverTimingSamplingRate: 1,
  });
}

/** A failure of ours is never kept; CloudFront would keep each for ten seconds by itself. */
const errorLifetimes: ErrorResponse[] = [
  { httpStatus: 400, ttl: Duration.seconds(60) },
  { httpStatus: 404, ttl: Duration.seconds(10) },
  ...[403, 405, 414, 416].map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(10) })),
  ...[500, 501, 502, 503, 504].map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
];

/** The part of `/-/` that is for outside. The admin token is checked by the service, as for every admin route. */
function uploadBehaviors(common: BehaviorOptions): Record<string, BehaviorOptions> {
  const behavior: BehaviorOptions = {
    ...common,
    allowedMethods: AllowedMethods.ALLOW_ALL,
    cachePolicy: CachePolicy.CACHING_DISABLED,
    originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
  };
  return { '/-/uploads*': behavior, '/-/images': behavior };
}

function certificateOf(scope: Construct, domain: Domain, zone: IHostedZone | undefined): ICertificate {
  if (domain.certificateArn !== undefined) {
    return Certificate.fromCertificateArn(scope, 'Certificate', domain.certificateArn);
  }
  new CfnRule(scope, 'CertificateRegion', {
    assertions: [
      {
        assert: Fn.conditionEquals(Aws.REGION, 'us-east-1'),
        assertDescription: 'CloudFront takes certificates of us-east-1 only: deploy there, or give certificateArn.',
      },
    ],
  });
  if (zone === undefined) throw new Error('a domain without a zone of ours comes with its certificate');
  const validation = CertificateValidation.fromDns(zone);
  return new Certificate(scope, 'Certificate', { domainName: domain.name, validation });
}

function zoneOf(scope: Construct, { id, name }: NonNullable<Domain['zone']>): IHostedZone {
  return HostedZone.fromHostedZoneAttributes(scope, 'Zone', { hostedZoneId: id, zoneName: name });
}

function pointDomain(scope: Construct, domain: Domain, zone: IHostedZone, distribution: Distribution): void {
  const target = RecordTarget.fromAlias(new CloudFrontTarget(distribution));
  const record = { zone, recordName: `${domain.name}.`, target };
  new ARecord(scope, 'Address', record);
  new AaaaRecord(scope, 'AddressV6', record);
}
