import { App, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { acknowledgeFindings } from './acknowledgements.ts';
import { createFovea } from './fovea.ts';
import { readParameters } from './parameters.ts';

// No account and no region: the same template for whoever deploys it, and nothing to look up.
const app = new App({ outdir: process.env['CDK_OUTDIR'] ?? 'cdk.out' });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
const stack = new Stack(app, 'fovea', { description: 'fovea: an image CDN origin', terminationProtection: true });
const parameters = readParameters((name) => app.node.tryGetContext(name));
createFovea(stack, parameters);
acknowledgeFindings(stack, parameters);
app.synth();
