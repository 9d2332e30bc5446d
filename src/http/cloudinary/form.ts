import type { AppContext } from '../context.ts';
import { type ApiKeys, type Permission, permissionOf } from './permission.ts';
import { openSent, type Parameters, type Sent, type SentFile } from './sent.ts';

/** What a request of Cloudinary's API has said, once somebody is known to have been permitted to say it. */
export interface Said {
  readonly parameters: Parameters;
  readonly permission: Permission;
}

/** A request whose own words permit it. Nothing of them can be had before they were judged. */
export interface PermittedForm {
  /** The file, where there is one; what was said in front of it has been judged, if it has its signature or its preset. */
  readonly file: SentFile | undefined;
  /** All that was said, with what comes behind the file, whose body has to be read by then. Failures: `unauthorised`, `invalid`. */
  said(): Promise<Said>;
  /** Whoever it is, as far as is known. */
  who(): string;
  /** Reads no further. */
  close(): Promise<void>;
}

/**
 * Reads a request as far as its file, and judges what has come. Many clients send the file first: then it is judged behind it.
 * Failures: `unauthorised`, `invalid`, `too_large`.
 */
export async function requireForm(c: AppContext, keys: ApiKeys): Promise<PermittedForm> {
  const sent = openSent(c);
  try {
    return await judged(sent, keys);
  } catch (error) {
    await sent.close();
    throw error;
  }
}

async function judged(sent: Sent, keys: ApiKeys): Promise<PermittedForm> {
  const file = await sent.next();
  const { parameters, close } = sent;
  const isTold = file === undefined || parameters.has('signature') || parameters.has('upload_preset');
  let permission = isTold ? permissionOf(parameters, keys, Date.now()) : undefined;
  return {
    file,
    async said() {
      await sent.next();
      // Once more: what came behind the file was not judged yet.
      permission = permissionOf(parameters, keys, Date.now());
      return { parameters, permission };
    },
    who: () => permission?.who ?? 'nobody',
    close,
  };
}
