import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { acknowledgeFindings } from '../acknowledgements.ts';
import { createFovea } from '../fovea.ts';
import { readParameters } from '../parameters.ts';

/** The template for some context values. The rules for templates run once, when the app itself is synthesised. */
export function templateFor(context: Readonly<Record<string, unknown>>): Template {
  const app = new App({ context: { ...context, '@aws-cdk/core:validateAgainstDefaultRules': false } });
  const stack = new Stack(app, 'fovea');
  const parameters = readParameters((name) => app.node.tryGetContext(name));
  createFovea(stack, parameters);
  acknowledgeFindings(stack, parameters);
  return Template.fromStack(stack);
}

export interface Resource {
  readonly id: string;
  readonly Type: string;
  readonly Properties: unknown;
  readonly DeletionPolicy?: string;
}

/** What lies at the end of names and places, `Origins.0.Id`; undefined when anything on the way is missing. */
export function valueAt(part: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
      part,
    );
}

/** The same for what has to be a list. */
export function listAt(part: unknown, path: string): readonly unknown[] {
  const list = valueAt(part, path);
  if (!Array.isArray(list)) throw new Error(`There is no list at ${path} of ${JSON.stringify(part)}.`);
  return list;
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
    const policies = valueAt(Properties, 'Policies') === undefined ? [] : listAt(Properties, 'Policies');
    const inline = policies.map((policy) => valueAt(policy, 'PolicyDocument'));
    return [valueAt(Properties, 'PolicyDocument'), valueAt(Properties, 'AssumeRolePolicyDocument'), ...inline]
      .filter((document) => document !== undefined)
      .flatMap((document) =>
        listAt(document, 'Statement').map((statement) => ({ ...(statement as Omit<Statement, 'in'>), in: id })),
      );
  });
}

export function actionsOf({ Action }: Statement): readonly string[] {
  return typeof Action === 'string' ? [Action] : Action;
}
