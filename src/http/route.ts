import type { PlaceToken } from '../uploads/index.ts';
import type { Act } from './audit.ts';
import type { PermittedForm } from './cloudinary/form.ts';
import type { AppContext } from './context.ts';
import type { Uploader } from './guards.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS' | 'PURGE';
export type Answering = Response | Promise<Response>;

interface RoutePlace {
  /** GET takes HEAD too. */
  readonly method: Method;
  /** A pattern of hono's, below `/-/` or as another program has it; `*` for what is taken anywhere else. */
  readonly path: string;
  /** For metrics: one of a few names, whatever is asked. */
  readonly label: string;
  /** Whose pages may read what is answered: those of every origin, or of the origins that the configuration names. */
  readonly cors: 'everybody' | 'configured';
}

/** A route whose caller is known. */
interface Accountable extends RoutePlace {
  /** What it changes; undefined when it only looks. Whoever does so is in the log, and answers call `noteChanged`. */
  readonly act: Act | undefined;
}

/** Anybody may ask; nothing is told that is not everybody's. */
interface OpenRoute<Parts> extends RoutePlace {
  readonly guard: 'open';
  readonly answer: (c: AppContext, parts: Parts) => Answering;
}

/** The URL is what permits it: its signature, or that it asks no more than one without may. */
interface UrlRoute<Parts> extends RoutePlace {
  readonly guard: 'url';
  readonly answer: (c: AppContext, parts: Parts) => Answering;
}

/** Only with the admin token. */
interface AdminRoute<Parts> extends Accountable {
  readonly guard: 'admin';
  readonly answer: (c: AppContext, parts: Parts) => Answering;
}

/** With the admin token or a ticket, which reaches what is its own. */
interface UploaderRoute<Parts> extends Accountable {
  readonly guard: 'uploader';
  readonly answer: (c: AppContext, uploader: Uploader, parts: Parts) => Answering;
}

/** The signed address in the path (`:token`) is the permission: for one file of one batch, until it expires. */
interface AddressRoute<Parts> extends RoutePlace {
  readonly guard: 'address';
  readonly answer: (c: AppContext, place: PlaceToken, parts: Parts) => Answering;
}

/** What the body says of itself permits it: its signature, or the name of a preset that is for everybody. */
interface FormRoute<Parts> extends Accountable {
  readonly guard: 'form';
  readonly answer: (c: AppContext, form: PermittedForm, parts: Parts) => Answering;
}

/** A route with who may take it, so that none can be written down without its guard; `Parts` is what it answers with. */
export type Route<Parts> =
  | OpenRoute<Parts>
  | UrlRoute<Parts>
  | AdminRoute<Parts>
  | UploaderRoute<Parts>
  | FormRoute<Parts>
  | AddressRoute<Parts>;
