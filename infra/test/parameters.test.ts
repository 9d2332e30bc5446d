import { describe, expect, it } from 'vitest';
import { readParameters } from '../parameters.ts';

function read(context: Readonly<Record<string, unknown>>) {
  return readParameters((name) => context[name]);
}

describe('the parameters', () => {
  it('can all be left out', () => {
    expect(read({})).toMatchObject({ compute: 'fargate', domain: undefined, unsigned: 'ladder', variantDays: 90 });
  });

  it('take numbers as a command line gives them', () => {
    expect(read({ minTasks: '3', maxTasks: 7 }).tasks).toEqual({ min: 3, max: 7 });
  });

  it.each([
    [{ compute: 'ec2' }, /"compute": expected one of fargate, lambda; got "ec2"/],
    [{ variantDays: '0' }, /"variantDays": expected a whole number of at least 1, got "0"/],
    [{ minTasks: 9, maxTasks: 3 }, /"maxTasks": expected no fewer/],
    [{ domain: 'img.example.com' }, /needs "zoneId" and "zoneName"/],
    [{ unsigned: 'all' }, /"unsigned": expected one of ladder, any, presets, none/],
    [{ domain: 'img.example.com', zoneId: 'Z1', certificateArn: 'arn:aws:acm:us-east-1:1:x' }, /needs "zoneId" and/],
    [
      { domain: 'a.example', certificateArn: 'arn:aws:acm:eu-west-1:1:x' },
      /"certificateArn": CloudFront takes those of us/,
    ],
    [{ vpcId: 'vpc-1' }, /"vpcId" goes with "vpcCidr", "privateSubnetIds"/],
    [{ privateSubnetIds: 'a,b' }, /"vpcId" goes with/],
    [
      { vpcId: 'v', vpcCidr: '10.0.0.0/16', availabilityZones: 'a', privateSubnetIds: 'a,b' },
      /"availabilityZones", one for each of them/,
    ],
    [{ architecture: 'amd64' }, /"architecture": expected one of arm64, x86_64/],
    [{ alarmEmail: 5 }, /"alarmEmail": expected text, got 5/],
  ])('refuse %j', (context, message) => {
    expect(() => read(context)).toThrow(message);
  });
});
