import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { acknowledgeFindings } from '../acknowledgements.ts';
import { createFovea } from '../fovea.ts';
import { readParameters } from '../parameters.ts';

/** The template for some context values. The rules for templates run once, when the app itself is synthesised. */
export function templateFor(context: Readonly<Record<string, unknown>>): Template {
  const app = new App({ context: { ...context, '@aws-cdk/core:validateAgainstDefaultRules': false } });
  const stack = new Stack(app, 'fovea');
  createFovea(
    stack,
    readParameters((name) => app.node.tryGetContext(name)),
  );
  acknowledgeFindings(stack);
  return Template.fromStack(stack);
}

export interface Resource {
  readonly id: string;
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is JSON of a hundred shapes; tests name the parts they want.
  readonly Properties: any;
  readonly DeletionPolicy?: string;
}

export function resourcesOf(template: Template, type: string): readonly Resource[] {
  return Object.entries(template.findResources(type)).map(([id, resource]) => ({ id, ...resource }) as Resource);
}

export interface Statement {
  readonly in: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

/** Every statement of every policy, of roles and of resources. */
export function statementsOf(template: Template): readonly Statement[] {
  return Object.entries(template.toJSON()['Resources'] as Record<string, Resource>).flatMap(([id, { Properties }]) => {
    const inline = (Properties?.Policies ?? []).map((policy: { PolicyDocument: unknown }) => policy.PolicyDocument);
    return [Properties?.PolicyDocument, Properties?.AssumeRolePolicyDocument, ...inline]
      .filter((document) => document !== undefined)
      .flatMap((document) => document.Statement.map((statement: Omit<Statement, 'in'>) => ({ ...statement, in: id })));
  });
}

export function actionsOf({ Action }: Statement): readonly string[] {
  return typeof Action === 'string' ? [Action] : Action;
}
