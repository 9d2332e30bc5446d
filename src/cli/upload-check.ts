import { randomUUID } from 'node:crypto';
import { Failure } from '../failure.ts';
import { mediaTypeOf } from '../formats.ts';
import { stagingPrefix } from '../grammar/index.ts';
import type { OutboundProxy } from '../outbound/index.ts';
import { type PresignedUpload, type TriedUpload, tryUpload, type UploadPresigner } from '../storage/index.ts';
import type { Check, Diagnosis } from './check.ts';
import type { Stores } from './operations.ts';

/** What a store says that does not know the method at all. */
const unknownMethod: ReadonlySet<number> = new Set([405, 501]);
const expiresSeconds = 60;
const contentType = mediaTypeOf('png');
const file = Buffer.from('doctor');

const remedy =
  'check that the credentials may put under .fovea-staging/, the clock, and FOVEA_S3_UPLOAD_METHOD (PUT where the store knows no signed forms)';

/** Sends a file as browsers do, with what they are given for it, and one of another size than was signed. */
export const uploadCheck: Check = {
  name: 'uploads straight to the bucket',
  remedy,
  async run(operations, signal) {
    const presigner = await operations.presigner();
    if (presigner === undefined) return { status: 'skipped', detail: 'the store of originals has no door of its own' };
    const { originals } = await operations.stores();
    const key = `${stagingPrefix}doctor-${randomUUID()}`;
    try {
      const { proxy } = operations.settings;
      return await tryPresigned(presigner, { key, originals, proxy, signal });
    } finally {
      await originals.delete([key]).catch(() => undefined);
    }
  },
};

interface Trial extends Pick<Stores, 'originals'> {
  readonly key: string;
  readonly proxy: OutboundProxy | undefined;
  readonly signal: AbortSignal;
}

async function tryPresigned(presigner: UploadPresigner, { key, originals, ...way }: Trial): Promise<Diagnosis> {
  const { signal } = way;
  const upload = await signed(presigner, key);
  const sent = await tryUpload(upload, file, way);
  if (upload.method === 'POST' && unknownMethod.has(sent.status)) return formsUnknown(sent);
  if (!isTaken(sent)) throw new Failure('upstream', `It refused what was signed: ${told(sent)}.`);
  if ((await originals.head(key, { signal }))?.size !== file.length) {
    throw new Failure('upstream', `It took what was signed (${told(sent)}), and the file is not there.`);
  }
  // A second file where one is is refused for that where the store knows it: the size would not be what was tried.
  await originals.delete([key], { signal });
  const longer = await tryUpload(upload, Buffer.concat([file, file]), way);
  const how = upload.method === 'POST' ? 'a signed form' : 'a signed PUT';
  if (!isTaken(longer)) return { status: 'ok', detail: `${how} was taken, and refused for a longer file` };
  return {
    status: 'warning',
    detail: `${how} was taken, and for a longer file, too: this store holds nobody to the size that was signed`,
    remedy: 'none is needed for what is published, which is checked at the commit; clear away staged files in time',
  };
}

function signed(presigner: UploadPresigner, key: string): Promise<PresignedUpload> {
  const rules = { key, contentType, expiresSeconds };
  return presigner.takesForms
    ? presigner.presignPost({ ...rules, minBytes: file.length, maxBytes: file.length })
    : presigner.presignPut({ ...rules, bytes: file.length });
}

function formsUnknown(sent: TriedUpload): Diagnosis {
  const detail = `the store knows no signed forms (POST): ${told(sent)}`;
  return { status: 'failed', detail, remedy: 'set FOVEA_S3_UPLOAD_METHOD=PUT' };
}

function isTaken({ status }: TriedUpload): boolean {
  return status >= 200 && status < 300;
}

function told({ status, text }: TriedUpload): string {
  const code = /<Code>([\w.]+)<\/Code>/.exec(text)?.[1];
  return code === undefined ? `${status}` : `${status} ${code}`;
}
