import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { listAt, resourcesOf, templateFor, valueAt } from './templates.ts';

const plain = templateFor({});
const domain = { domain: 'img.example.com', zoneId: 'Z0123456789', zoneName: 'example.com' };

function configOf(template: typeof plain) {
  return valueAt(resourcesOf(template, 'AWS::CloudFront::Distribution')[0]?.Properties, 'DistributionConfig');
}

describe('the distribution', () => {
  const config = configOf(plain);

  it('keys on the path and on x-fovea-accept, and on nothing else', () => {
    const policies = resourcesOf(plain, 'AWS::CloudFront::CachePolicy');
    expect(policies).toHaveLength(1);
    expect(valueAt(policies[0]?.Properties, 'CachePolicyConfig')).toMatchObject({
      MinTTL: 0,
      DefaultTTL: 0,
      MaxTTL: 31_536_000,
      ParametersInCacheKeyAndForwardedToOrigin: {
        EnableAcceptEncodingBrotli: false,
        EnableAcceptEncodingGzip: false,
        HeadersConfig: { HeaderBehavior: 'whitelist', Headers: ['x-fovea-accept'] },
        QueryStringsConfig: { QueryStringBehavior: 'none' },
        CookiesConfig: { CookieBehavior: 'none' },
      },
    });
    expect(valueAt(config, 'DefaultCacheBehavior.CachePolicyId')).toEqual({ Ref: policies[0]?.id });
    expect(valueAt(config, 'DefaultCacheBehavior')).not.toHaveProperty('OriginRequestPolicyId');
  });

  it('runs the function before every behaviour', () => {
    const [edge] = resourcesOf(plain, 'AWS::CloudFront::Function');
    expect(valueAt(edge?.Properties, 'FunctionConfig.Runtime')).toBe('cloudfront-js-2.0');
    expect(Buffer.byteLength(String(valueAt(edge?.Properties, 'FunctionCode')))).toBeLessThan(10_240);
    for (const behavior of [valueAt(config, 'DefaultCacheBehavior'), ...listAt(config, 'CacheBehaviors')]) {
      expect(valueAt(behavior, 'FunctionAssociations')).toEqual([
        { EventType: 'viewer-request', FunctionARN: { 'Fn::GetAtt': [edge?.id, 'FunctionARN'] } },
      ]);
    }
  });

  it('lets bodies and queries through to uploads alone, and caches none of it', () => {
    expect(listAt(config, 'CacheBehaviors').map((behavior) => valueAt(behavior, 'PathPattern'))).toEqual([
      '/-/uploads*',
      '/-/images',
    ]);
    const cachingDisabled = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
    for (const behavior of listAt(config, 'CacheBehaviors'))
      expect(valueAt(behavior, 'CachePolicyId')).toBe(cachingDisabled);
    expect(valueAt(config, 'DefaultCacheBehavior.AllowedMethods')).toEqual(['GET', 'HEAD', 'OPTIONS']);
    expect(configOf(templateFor({ compute: 'lambda' }))).not.toHaveProperty('CacheBehaviors');
  });

  it('keeps no failure of ours, and the mistakes of others briefly', () => {
    const lifetimes = new Map(
      listAt(config, 'CustomErrorResponses').map((response) => [
        valueAt(response, 'ErrorCode'),
        valueAt(response, 'ErrorCachingMinTTL'),
      ]),
    );
    for (const status of [500, 501, 502, 503, 504]) expect(lifetimes.get(status)).toBe(0);
    expect(lifetimes.get(404)).toBe(10);
    expect(lifetimes.get(400)).toBe(60);
    for (const response of listAt(config, 'CustomErrorResponses'))
      expect(response).not.toHaveProperty('ResponsePagePath');
  });

  it('can be purged by tag, and keeps the tags to itself', () => {
    expect(valueAt(config, 'CacheTagConfig')).toEqual({ HeaderName: 'x-amz-meta-cache-tag' });
    plain.hasResourceProperties('AWS::CloudFront::ResponseHeadersPolicy', {
      ResponseHeadersPolicyConfig: { RemoveHeadersConfig: { Items: [{ Header: 'x-amz-meta-cache-tag' }] } },
    });
  });

  it('speaks HTTP/3 and IPv6, over TLS', () => {
    expect(config).toMatchObject({ HttpVersion: 'http2and3', IPV6Enabled: true });
    expect(valueAt(config, 'DefaultCacheBehavior.ViewerProtocolPolicy')).toBe('redirect-to-https');
  });

  it('waits for the origin as long as a render may take, and no longer', () => {
    expect(valueAt(config, 'Origins')).toHaveLength(1);
    expect(valueAt(config, 'Origins.0')).toMatchObject({
      ConnectionAttempts: 2,
      ConnectionTimeout: 3,
      VpcOriginConfig: { OriginReadTimeout: 20, OriginKeepaliveTimeout: 55 },
    });
  });

  it.each(['fargate', 'lambda'])('shields the origin on %s where a region is named', (compute) => {
    const config = configOf(templateFor({ compute, originShieldRegion: 'eu-central-1' }));
    expect(valueAt(config, 'Origins.0.OriginShield')).toEqual({ Enabled: true, OriginShieldRegion: 'eu-central-1' });
  });
});

describe('a domain', () => {
  it('gets a certificate and addresses of both kinds', () => {
    const template = templateFor(domain);
    template.hasResourceProperties('AWS::CertificateManager::Certificate', { DomainName: 'img.example.com' });
    expect(valueAt(configOf(template), 'Aliases')).toEqual(['img.example.com']);
    expect(valueAt(configOf(template), 'ViewerCertificate.MinimumProtocolVersion')).toBe('TLSv1.2_2021');
    for (const Type of ['A', 'AAAA']) {
      template.hasResourceProperties('AWS::Route53::RecordSet', { Type, Name: 'img.example.com.' });
    }
    template.hasResource('AWS::CertificateManager::Certificate', Match.anyValue());
    expect(JSON.stringify(template.toJSON()['Rules'])).toContain('us-east-1');
  });

  it('takes a certificate that exists, wherever the stack is', () => {
    const certificateArn = 'arn:aws:acm:us-east-1:111122223333:certificate/0000';
    const template = templateFor({ ...domain, certificateArn });
    template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    expect(valueAt(configOf(template), 'ViewerCertificate.AcmCertificateArn')).toBe(certificateArn);
  });
});
