import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Events } from './events.ts';
import { createFargateService } from './fargate.ts';
import { createFunction } from './function.ts';
import { createNetwork } from './network.ts';
import type { Parameters } from './parameters.ts';
import type { Compute, ComputeParts, Secrets } from './service-process.ts';
import type { Storage } from './storage.ts';
import { createWorker } from './worker.ts';

function createSecrets(scope: Construct): Secrets {
  const secret = (id: string, description: string) =>
    new Secret(scope, id, { description, generateSecretString: { passwordLength: 40, excludePunctuation: true } });
  return {
    signing: secret('SigningSecret', 'fovea: signs URLs; a comma list, newest first'),
    admin: secret('AdminToken', 'fovea: bearer token of the admin API'),
  };
}

/** The service by one parameter on Fargate or on Lambda, and beside it the worker and the nightly clean-up. */
export function createCompute(scope: Construct, storage: Storage, events: Events, parameters: Parameters): Compute {
  const vpc = createNetwork(scope, parameters);
  const cluster = new Cluster(scope, 'Cluster', { vpc, containerInsightsV2: ContainerInsights.ENABLED });
  const parts: ComputeParts = { storage, events, vpc, cluster, secrets: createSecrets(scope) };
  const compute =
    parameters.compute === 'fargate'
      ? createFargateService(scope, parts, parameters)
      : createFunction(scope, parts, parameters);
  const worker = createWorker(scope, parts, parameters);
  return {
    ...compute,
    servedBy(distribution) {
      compute.servedBy(distribution);
      worker.servedBy(distribution);
    },
  };
}
