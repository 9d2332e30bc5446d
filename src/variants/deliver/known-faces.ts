import { LRUCache } from 'lru-cache';
import { isFailure } from '../../failure.ts';
import { createFlights, type FlightControl, type Flights } from '../../flights.ts';
import { type FacesWanted, facesWanted, type Region } from '../../grammar/index.ts';
import { type Faces, HeldBack, type Renderer, readFaces, type SecondLook, writeFaces } from '../../image/index.ts';
import type { Claim } from '../../shares.ts';
import type { Telemetry } from '../../telemetry.ts';
import { facesIdentity, type VariantIdentity } from '../identify/identity.ts';
import { isLease } from '../identify/variant.ts';
import type { StoreTier } from '../tiers/store-tier.ts';
import { fingerprintsOf } from './fingerprints.ts';

/** Some 20,000 originals with the faces of most pictures. */
const maxRememberedBytes = 8 * 1024 * 1024;
const [entryBytes, faceBytes] = [300, 120];

export interface KnownFacesParts {
  readonly renderer: Pick<Renderer, 'faces'>;
  readonly store: StoreTier | undefined;
  readonly telemetry: Telemetry;
  /** Aborts when the service closes. */
  readonly closing: AbortSignal;
}

/** Whose faces are wanted, and for what. */
export interface FacesCall {
  readonly identity: VariantIdentity;
  readonly original: Uint8Array;
  readonly claim: Claim;
}

/** What a variant is drawn by. */
export interface FoundFaces {
  readonly faces: readonly Region[];
  /** False where nobody could look: what is drawn without is not what it is to be, and not kept. */
  readonly isSure: boolean;
}

/** Faces in originals: looked for once for each version, kept beside its variants, and remembered. */
export interface KnownFaces {
  /**
   * What a transform has to know of them; nothing is looked for where that is nothing. Failures: those of the renderer, where
   * faces are to be hidden and nobody could look; `cancelled`; and `HeldBack`.
   */
  find(call: FacesCall, control: FlightControl): Promise<FoundFaces>;
}

interface KnownFacesState extends KnownFacesParts {
  readonly remembered: LRUCache<string, Faces>;
  readonly flights: Flights<Faces>;
}

export function createKnownFaces(parts: KnownFacesParts): KnownFaces {
  const remembered = new LRUCache<string, Faces>({
    maxSize: maxRememberedBytes,
    sizeCalculation: ({ faces, small = [] }, key) =>
      entryBytes + 2 * key.length + faceBytes * (faces.length + small.length),
  });
  const state: KnownFacesState = { ...parts, remembered, flights: createFlights() };
  return { find: (call, control) => find(state, call, control) };
}

const none: FoundFaces = { faces: [], isSure: true };

async function find(state: KnownFacesState, call: FacesCall, control: FlightControl): Promise<FoundFaces> {
  const { transform } = call.identity;
  const wanted = facesWanted(transform);
  if (wanted === 'nothing') return none;
  try {
    const seen = await look(state, { ...call, secondLook: secondLooks[wanted] }, control);
    return { faces: known(seen, wanted), isSure: true };
  } catch (error) {
    // A picture that was to hide faces is not sent with them; and what nobody waits for, or cannot be begun, is not drawn.
    if (wanted === 'all' || error instanceof HeldBack || isFailure(error, 'cancelled')) throw error;
    if (!isFailure(error)) state.telemetry.report({ type: 'bug', where: 'looking for faces', error });
    return { faces: [], isSure: isForGood(error) };
  }
}

const secondLooks = { glance: 'never', some: 'if-none', all: 'always' } as const;

/** By what is wanted alone, whatever else somebody else has had looked for. */
function known({ faces, small = [] }: Faces, wanted: FacesWanted): readonly Region[] {
  if (wanted === 'all') return [...faces, ...small];
  return wanted === 'some' && faces.length === 0 ? small : faces;
}

/** Whether looking again would come to the same. */
function isForGood(error: unknown): boolean {
  return isFailure(error, 'corrupt', 'unsupported', 'too_large', 'invalid');
}

interface Looking extends FacesCall {
  readonly secondLook: SecondLook;
}

/** One look for all variants of a version that ask at once. */
async function look(state: KnownFacesState, looking: Looking, control: FlightControl): Promise<Faces> {
  const { source, version, transform } = looking.identity;
  const name = `${source}\0${version}\0${transform.page ?? 1}`;
  const last = state.remembered.get(name);
  if (last !== undefined && isEnough(last, looking)) return last;
  const flight = `${name}\0${looking.secondLook}`;
  const { value } = await state.flights.join(flight, control.signal, async (own) => {
    const faces = await readOrSee(state, looking, { own, keeps: () => control.isCurrent() });
    state.remembered.set(name, faces);
    return faces;
  });
  return value;
}

function isEnough({ faces, small }: Faces, { secondLook }: Looking): boolean {
  return small !== undefined || secondLook === 'never' || (secondLook === 'if-none' && faces.length > 0);
}

interface LookControl {
  readonly own: FlightControl;
  /** False when a purge began meanwhile. */
  readonly keeps: () => boolean;
}

async function readOrSee(state: KnownFacesState, looking: Looking, { own, keeps }: LookControl): Promise<Faces> {
  const { identity, original, claim, secondLook } = looking;
  const { page } = identity.transform;
  const place = facesIdentity(identity, page);
  const stored = await readStored(state, place, own.signal);
  if (stored !== undefined && isEnough(stored, looking)) return stored;
  const { original: fingerprint } = fingerprintsOf(identity);
  const faces = await state.renderer.faces(
    { original, page, secondLook },
    { signal: state.closing, abandoned: own.signal, onBegun: own.commit, fingerprint, claim },
  );
  if (keeps()) state.store?.keep(place, variantOf(place, faces));
  return faces;
}

async function readStored({ store }: KnownFacesState, place: ReturnType<typeof facesIdentity>, signal: AbortSignal) {
  if (store === undefined || place.key === undefined) return undefined;
  const stored = await store.read(place.key, signal);
  if (stored === undefined || isLease(stored) || stored.bytes === undefined || stored.version !== place.stamp)
    return undefined;
  try {
    return readFaces(stored.bytes);
  } catch {
    // Not as we write it: it is written anew.
    return undefined;
  }
}

function variantOf({ etag, stamp, lastModified }: ReturnType<typeof facesIdentity>, faces: Faces) {
  return { bytes: writeFaces(faces), contentType: 'application/json', etag, version: stamp, lastModified };
}
