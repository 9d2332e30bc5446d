import { Failure } from '../../failure.ts';
import { formatOfExtension, formatOfMediaType } from '../../formats.ts';
import type { NamedPlace, PublishedFile } from '../../uploads/index.ts';
import type { OriginalState } from '../../variants/index.ts';
import { noteChanged } from '../audit.ts';
import { isProtected } from '../authorise.ts';
import { type AppContext, clientSignal } from '../context.ts';
import { checkTaken, flagOf, nameOf, stemOf, toldOf } from './asked.ts';
import { checkDelivery, existingOf, factsOf } from './existing.ts';
import type { PermittedForm, Said } from './form.ts';
import type { CloudinaryParts } from './options.ts';
import { pictureOf } from './picture.ts';
import { checkEager, shownResource } from './resource.ts';

/** A replacement goes on when its client leaves, since old pictures beside a new original help nobody: this is its bound. */
const replaceTimeoutMs = 15 * 60_000;

/** `POST /v1_1/<account>/image/upload`: takes a picture as Cloudinary's SDKs and its widget send it. */
export async function answerApiUpload(c: AppContext, form: PermittedForm, parts: CloudinaryParts): Promise<Response> {
  try {
    return c.json(await uploaded(c, form, parts), 200, { 'Cache-Control': 'no-store' });
  } finally {
    await form.close();
  }
}

/** What is decided of an upload once all of it has come. */
interface Decided {
  readonly said: Said;
  /** What is there under its name. */
  readonly existing: OriginalState | undefined;
}

async function uploaded(c: AppContext, form: PermittedForm, parts: CloudinaryParts) {
  const { file } = form;
  const signal = clientSignal(c);
  if (file === undefined) {
    checkTaken(await form.said(), 'upload');
    throw new Failure('invalid', 'Missing required parameter - file');
  }
  if (c.req.header('content-range') !== undefined) {
    throw new Failure('invalid', 'Uploads in chunks are not taken here: expected the whole file in one request.');
  }
  const { originals, images } = parts;
  const { fetchHosts } = images.grammar;
  const picture = await pictureOf(file, { fetchHosts, originals, signal, permit: form.said });
  let decided: Decided | undefined;
  const settle = async () => {
    const said = await form.said();
    const place = await placeOf(c, { said, filename: picture.filename }, parts);
    decided = { said, existing: place.existing };
    return place.named;
  };
  const options = { owner: `api\0${parts.clientOf(c)}`, signal };
  const published = await parts.uploads.receiveNamed({ body: picture.body, settle }, options);
  if (decided === undefined) throw new Error('nothing is published before it is decided where');
  if (published === undefined) return shownExisting(c, decided, parts);
  noteChanged(c, 1);
  return shownUpload(c, { ...decided, published, filename: picture.filename }, parts);
}

interface Place {
  /** Undefined: what is there stays. */
  readonly named: NamedPlace | undefined;
  readonly existing: OriginalState | undefined;
}

async function placeOf(
  c: AppContext,
  { said, filename }: { readonly said: Said; readonly filename: string | undefined },
  parts: CloudinaryParts,
): Promise<Place> {
  checkTaken(said, 'upload');
  const told = toldOf(said);
  checkEager(c, told, parts);
  const { isSigned } = said.permission;
  const { publicId, isMade } = nameOf(said, filename);
  if (isProtected(publicId, parts.images.policy) && !isSigned) {
    throw new Failure('unauthorised', 'An unsigned upload cannot go into a protected folder.');
  }
  checkDelivery(publicId, told.type, parts);
  const formats = formatsOf(said);
  const existing = isMade ? undefined : await existingOf(publicId, parts, clientSignal(c));
  if (existing === undefined) return { named: { stem: publicId, formats }, existing };
  const overwrite = isSigned ? (flagOf(said.parameters, 'overwrite') ?? parts.api.overwrites) : false;
  if (overwrite) return { named: { stem: publicId, formats, over: existing }, existing };
  if (isSigned && flagOf(said.parameters, 'overwrite') === false) return { named: undefined, existing };
  throw new Failure(
    'invalid',
    `public_id (${publicId}) already exists: expected another, or overwrite=true of a signed upload.`,
  );
}

function formatsOf({ parameters, permission: { preset } }: Said): NamedPlace['formats'] {
  const said = (parameters.get('allowed_formats') ?? '').split(',').filter((one) => one.trim() !== '');
  const allowed = said.length > 0 ? said : preset.allowedFormats;
  return allowed?.flatMap((one) => formatOfExtension(one.trim().toLowerCase()) ?? []);
}

interface Upload extends Decided {
  readonly published: PublishedFile;
  readonly filename: string | undefined;
}

async function shownUpload(c: AppContext, { said, existing, published, filename }: Upload, parts: CloudinaryParts) {
  const { key, type, width, height } = published;
  const { variants } = parts;
  const options = { signal: AbortSignal.timeout(replaceTimeoutMs), reference: c.get('requestId') };
  if (existing !== undefined) {
    await variants.purge({ keys: [key] }, options);
    // Of another format: the old picture would go on answering where it is tried first.
    if (existing.key !== key) await variants.erase([{ key: existing.key, etag: existing.etag }], options);
  }
  const state = await variants.stat(key, options.signal);
  if (state === undefined) throw new Failure('upstream', 'The picture was published, and is gone again.');
  const { parameters, permission } = said;
  const original = stemOf(parameters.get('filename_override') || filename);
  const isTold = flagOf(parameters, 'discard_original_filename') !== true && original !== '';
  const more = {
    ...(existing !== undefined && { overwritten: true }),
    ...(isTold && { original_filename: original }),
    ...(permission.isSigned && { api_key: parts.api.key }),
  };
  const facts = { format: formatOfMediaType(type), width, height };
  return shownResource(c, { state, facts, told: toldOf(said) }, { parts, permission, more });
}

async function shownExisting(c: AppContext, { said, existing: state }: Decided, parts: CloudinaryParts) {
  if (state === undefined) throw new Error('what stays is there');
  const facts = await factsOf(c, state.key, { parts, signal: clientSignal(c) });
  const { permission } = said;
  return shownResource(c, { state, facts, told: toldOf(said) }, { parts, permission, more: { existing: true } });
}
