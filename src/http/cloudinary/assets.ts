import { Failure } from '../../failure.ts';
import type { Move, OriginalState, PurgeOptions } from '../../variants/index.ts';
import { noteChanged } from '../audit.ts';
import { type AppContext, clientSignal } from '../context.ts';
import { checkedName, checkTaken, flagOf, toldOf } from './asked.ts';
import { checkDelivery, existingOf, factsOf, requireExisting } from './existing.ts';
import type { PermittedForm, Said } from './form.ts';
import type { CloudinaryParts } from './options.ts';
import { checkEager, publicIdOf, shownResource } from './resource.ts';

/** Half of a purge helps nobody, so that it goes on when its client leaves: this is its bound instead. */
const changeTimeoutMs = 15 * 60_000;

type Action = 'destroy' | 'rename' | 'explicit';

/** All that was said, by somebody who signed it: nothing there is changes for anybody else. */
async function signed(form: PermittedForm, action: Action): Promise<Said> {
  const said = await form.said().finally(form.close);
  if (!said.permission.isSigned) throw new Failure('unauthorised', `${action} needs a signature.`);
  if (form.file !== undefined) throw new Failure('invalid', `${action} takes no file.`);
  checkTaken(said, action);
  return said;
}

function required({ parameters }: Said, name: string): string {
  const value = parameters.get(name) ?? '';
  if (value === '') throw new Failure('invalid', `Missing required parameter - ${name}`);
  return value;
}

const kept = { 'Cache-Control': 'no-store' };
const changing = (c: AppContext) => ({
  signal: AbortSignal.timeout(changeTimeoutMs),
  reference: c.get('requestId'),
});

/** `POST /v1_1/<account>/image/destroy`: deletes an original with all that was made of it, down to the edge. */
export async function answerDestroy(c: AppContext, form: PermittedForm, parts: CloudinaryParts): Promise<Response> {
  const said = await signed(form, 'destroy');
  const publicId = required(said, 'public_id');
  checkDelivery(publicId, toldOf(said).type, parts);
  const state = await existingOf(publicId, parts, clientSignal(c));
  if (state === undefined) return c.json({ result: 'not found' }, 200, kept);
  await parts.variants.erase([{ key: state.key }], changing(c));
  noteChanged(c, 1);
  return c.json({ result: 'ok' }, 200, kept);
}

/** `POST /v1_1/<account>/image/rename`: gives an original another name; the old one is forgotten down to the edge. */
export async function answerRename(c: AppContext, form: PermittedForm, parts: CloudinaryParts): Promise<Response> {
  const said = await signed(form, 'rename');
  const [from, to] = [required(said, 'from_public_id'), checkedName(required(said, 'to_public_id'))];
  const signal = clientSignal(c);
  checkDelivery(to, toldOf(said).type, parts);
  const state = await requireExisting(from, parts, signal);
  const over = await existingOf(to, parts, signal);
  if (over !== undefined && flagOf(said.parameters, 'overwrite') !== true) {
    throw new Failure('invalid', `to_public_id(${to}) already exists`);
  }
  const moved = to + state.key.slice(publicIdOf(state.key).length);
  const options = changing(c);
  const { variants } = parts;
  if (moved !== state.key)
    await move({ from: state.key, to: moved, ...(over?.key === moved && { over }) }, parts, options);
  // Of another format: it would go on answering where it is tried first.
  if (over !== undefined && over.key !== moved && over.key !== state.key) await variants.erase([over], options);
  noteChanged(c, 1);
  return shown(c, { said, state: await requireExisting(to, parts, options.signal) }, parts);
}

async function move(one: Move, { variants }: CloudinaryParts, options: PurgeOptions): Promise<void> {
  const { failures } = await variants.move([one], options);
  if (failures[0] !== undefined) throw failures[0];
}

/** `POST /v1_1/<account>/image/explicit`: tells of an original and of what can be made of it; `invalidate` purges it. */
export async function answerExplicit(c: AppContext, form: PermittedForm, parts: CloudinaryParts): Promise<Response> {
  const said = await signed(form, 'explicit');
  const publicId = required(said, 'public_id');
  const told = toldOf(said);
  checkDelivery(publicId, told.type, parts);
  checkEager(c, told, parts);
  const state = await requireExisting(publicId, parts, clientSignal(c));
  if (flagOf(said.parameters, 'invalidate') === true) {
    await parts.variants.purge({ keys: [state.key] }, changing(c));
    noteChanged(c, 1);
  }
  return shown(c, { said, state }, parts);
}

interface Shown {
  readonly said: Said;
  readonly state: OriginalState;
}

async function shown(c: AppContext, { said, state }: Shown, parts: CloudinaryParts): Promise<Response> {
  const facts = await factsOf(c, state.key, { parts, signal: clientSignal(c) });
  const { permission } = said;
  return c.json(shownResource(c, { state, facts, told: toldOf(said) }, { parts, permission }), 200, kept);
}
